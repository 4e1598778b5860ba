using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MelLevel = Microsoft.Extensions.Logging.LogLevel;

namespace ActorLogArchive.Actors.Hosting;

/// <summary>
/// Brings what actors log to the node's own log: under the class that says it, as the message alone. Level and time are the log's business.
/// </summary>
public sealed class NodeLogActor : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private ILoggerFactory? _loggers;

    /// <summary>Started by the actor system, before all other actors.</summary>
    public NodeLogActor()
    {
        Receive<InitializeLogger>(_ =>
        {
            _loggers = DependencyResolver.For(Context.System).Resolver.GetService<ILoggerFactory>();
            Sender.Tell(new LoggerInitialized());
        });
        Receive<Error>(error => Write(error, MelLevel.Error, error.Cause));
        Receive<Warning>(warning => Write(warning, MelLevel.Warning, warning.Cause));
        Receive<Info>(info => Write(info, MelLevel.Information, info.Cause));
        Receive<Debug>(debug => Write(debug, MelLevel.Debug, debug.Cause));
    }

    private void Write(LogEvent said, MelLevel level, Exception? cause) =>
        _loggers?.CreateLogger(said.LogClass.FullName ?? said.LogSource).Log(level, 0, said.Message, cause, static (message, _) => message?.ToString() ?? "");
}
