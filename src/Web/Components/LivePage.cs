using ActorLogArchive.Actors.Bridge;
using ActorLogArchive.Web.Gateway;
using ActorLogArchive.Web.Views;
using Microsoft.AspNetCore.Components;

namespace ActorLogArchive.Web.Components;

/// <summary>A page or part of one that follows the archive: told of changes, ticking where it shows ages, and cleaned up at its end.</summary>
public abstract class LivePage : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private IDisposable? _listening;
    private Task? _ticking;

    [Inject]
    private LiveFeed Feed { get; set; } = default!;

    /// <summary>The clock.</summary>
    [Inject]
    protected TimeProvider Clock { get; set; } = default!;

    /// <summary>Look and time zone of the browser.</summary>
    [CascadingParameter]
    protected BrowserSettings Settings { get; set; } = BrowserSettings.Default;

    /// <summary>Now.</summary>
    protected DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>Ends with the page.</summary>
    protected CancellationToken Lifetime => _ended.Token;

    /// <summary>Whether the page is interactive; the first, static rendering shows placeholders and asks for nothing.</summary>
    protected bool IsLive => RendererInfo.IsInteractive;

    /// <summary>How often <see cref="OnTickAsync"/> is called; null for never.</summary>
    protected virtual TimeSpan? TickEvery => null;

    /// <summary>Takes a batch of changes, on the page's own context.</summary>
    protected virtual Task OnLiveAsync(IReadOnlyList<BridgeProtocol.LiveEvent> happened) => Task.CompletedTask;

    /// <summary>Is called every <see cref="TickEvery"/>; the page is rendered after it.</summary>
    protected virtual Task OnTickAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    protected override Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            if (TickEvery is { } period)
                _ticking = TickAsync(period);
            _listening = Feed.Listen(happened => InvokeAsync(() => OnLiveAsync(happened)));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listening?.Dispose();
        if (_ticking is not null)
            await _ticking;
        await OnEndAsync();
        _ended.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Cleans up what the page itself holds.</summary>
    protected virtual ValueTask OnEndAsync() => ValueTask.CompletedTask;

    private async Task TickAsync(TimeSpan period)
    {
        using var timer = new PeriodicTimer(period, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
            {
                await InvokeAsync(async () =>
                {
                    await OnTickAsync();
                    StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The page is gone.
        }
    }
}
