using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>Console logging of a node: one line an event, UTC.</summary>
public static class NodeLogging
{
    /// <summary>Adds the console at a level named in the settings.</summary>
    public static void Configure(ILoggingBuilder logging, string level) => Configure(logging, new NodeLogLevel(level));

    /// <summary>Adds the console at a level that may change.</summary>
    public static void Configure(ILoggingBuilder logging, NodeLogLevel level)
    {
        logging.SetMinimumLevel(LogLevel.Trace);
        logging.AddFilter(level.Takes);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.IncludeScopes = false;
        });
    }
}
