using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>Console logging of a node: one line an event, UTC.</summary>
public static class NodeLogging
{
    /// <summary>Adds the console at a level named in the settings.</summary>
    public static void Configure(ILoggingBuilder logging, string level) => Configure(logging, new NodeLogLevel(level));

    /// <summary>Adds the console at a level that may change.</summary>
    /// <param name="logging">The host's logging.</param>
    /// <param name="level">From which level on.</param>
    /// <param name="format"><c>text</c>, or <c>json</c> for an object a line.</param>
    public static void Configure(ILoggingBuilder logging, NodeLogLevel level, string format = "text")
    {
        logging.SetMinimumLevel(LogLevel.Trace);
        logging.AddFilter(level.Takes);
        if (format == "json")
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                console.IncludeScopes = false;
            });
            return;
        }

        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.IncludeScopes = false;
        });
    }
}
