using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Web.Events;

/// <summary>
/// Tells open pages that the archive is about to stop, while they can still be told, and waits until they show it, for
/// <see cref="Patience"/> at most.
/// </summary>
public sealed partial class StopAnnouncement(
    [FromKeyedServices(ScopedArchiveGateway.Bare)] IArchiveGateway gateway, IHostApplicationLifetime lifetime, ILogger<StopAnnouncement> logger)
{
    /// <summary>Longest that the stop waits for pages.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly HashSet<object> _pages = [];
    private readonly TaskCompletionSource _allKnow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isListening;
    private bool _isStopping;

    /// <summary>A page is open that wants to be told. To be called from within its circuit.</summary>
    /// <returns>False when the archive stops already: a page that comes so late has to show it by itself, and nobody waits for it.</returns>
    public bool Join(object page)
    {
        // Registered now, the announcement would be made here, on the page's own thread, and wait for what that thread has to do.
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return false;

        lock (_lock)
        {
            _pages.Add(page);
            if (_isListening)
                return true;

            // What was registered last is called first. The connections of the circuits are closed by such a call, too, and theirs was
            // registered before any circuit began: registered here, the announcement comes before it.
            _isListening = true;
        }

        lifetime.ApplicationStopping.Register(Announce);
        return true;
    }

    /// <summary>A page knows, or is gone.</summary>
    public void Leave(object page)
    {
        lock (_lock)
        {
            if (_pages.Remove(page) && _isStopping && _pages.Count == 0)
                _allKnow.TrySetResult();
        }
    }

    private void Announce()
    {
        int count;
        lock (_lock)
        {
            _isStopping = true;
            count = _pages.Count;
        }

        LogStopping(count);

        // It has to block: with its return the connections go.
        if (count > 0 && !TellAsync().Wait(Patience))
            LogNotAllTold(_pages.Count);
    }

    private async Task TellAsync()
    {
        try
        {
            await gateway.AnnounceStopAsync();
            await _allKnow.Task;
        }
        catch (ArchiveUnavailableException unavailable)
        {
            LogNotTold(unavailable);
        }
    }

    [LoggerMessage(7400, LogLevel.Information, "The archive stops; {Count} open pages are told")]
    private partial void LogStopping(int count);

    [LoggerMessage(7401, LogLevel.Warning, "{Count} open pages could not be told in time that the archive stops")]
    private partial void LogNotAllTold(int count);

    [LoggerMessage(7402, LogLevel.Warning, "Open pages could not be told that the archive stops")]
    private partial void LogNotTold(Exception unavailable);
}
