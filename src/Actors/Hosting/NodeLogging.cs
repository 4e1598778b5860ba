using Microsoft.Extensions.Logging;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>Console logging of a node: one line an event, UTC.</summary>
public static class NodeLogging
{
    /// <summary>Adds the console at a level named in the settings.</summary>
    public static void Configure(ILoggingBuilder logging, string level)
    {
        logging.SetMinimumLevel(level switch
        {
            "debug" => LogLevel.Debug,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.Information,
        });

        // Cluster gossip is for the people who build this; what operators need of it is said by our own actors.
        logging.AddFilter("Akka", level == "debug" ? LogLevel.Debug : LogLevel.Warning);
        logging.AddFilter("Microsoft", level == "debug" ? LogLevel.Debug : LogLevel.Warning);

        // It would have the keys that sign cookies encrypted by something outside; they lie in the data-dir, as private as it.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", level == "debug" ? LogLevel.Debug : LogLevel.Error);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.IncludeScopes = false;
        });
    }
}
