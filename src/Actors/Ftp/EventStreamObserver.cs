using ActorLogArchive.Actors.Metrics;
using ActorLogArchive.Ftp.Server;
using Akka.Event;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>Publishes what happens on the server on the event stream: each subscriber gets a message, the session never waits.</summary>
internal sealed class EventStreamObserver(EventStream events) : IFtpServerObserver
{
    private readonly FtpMeter _meter = new();

    /// <inheritdoc/>
    public bool WantsProgress => true;

    /// <inheritdoc/>
    public void OnEvent(FtpServerEvent serverEvent)
    {
        _meter.Count(serverEvent);
        events.Publish(serverEvent);
    }
}
