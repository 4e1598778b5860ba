using ActorLogArchive.Actors.Collection;
using ActorLogArchive.Actors.Collection.Uploading;
using ActorLogArchive.Actors.Hosting.Settings;
using Akka.Configuration;

namespace ActorLogArchive.AgentNode;

/// <summary>Settings that were read together, and what was made of them.</summary>
internal sealed record LoadedSettings(AgentSettings Settings, Config Config, CollectionOptions Options, Func<IArchiveTransport> Transports)
{
    /// <summary>Reads and validates all; opens nothing.</summary>
    /// <exception cref="SettingsException">The first setting that cannot be used.</exception>
    public static LoadedSettings Read(NodeCommandLine line)
    {
        var config = NodeConfiguration.Load("agent", line.ConfigFile, line.Sets);
        var settings = AgentSettings.Read(config, Environment.GetEnvironmentVariable("ALA_FTP_PASSWORD"));
        var options = CollectionSettings.From(settings);
        return new LoadedSettings(settings, config, options, FtpTransports.From(settings, options.Upload.Control));
    }

    /// <summary>
    /// These settings for a process that has run with others: under its own control of the uploads, and with its connections
    /// as they are where nothing of them changed.
    /// </summary>
    /// <param name="before">What it runs with.</param>
    /// <param name="changed">Keys that differ.</param>
    public LoadedSettings For(LoadedSettings before, IReadOnlyList<string> changed)
    {
        var control = before.Options.Upload.Control;
        var options = Options with { Upload = Options.Upload with { Control = control }, Cadence = before.Options.Cadence };

        // A file of authorities may hold others than at the last reading.
        var isSameArchive = !changed.Any(key => key.StartsWith("log-archive.agent.ftp", StringComparison.Ordinal))
            && Settings.Ftp.Tls.Authorities is null or AgentTlsSettings.SystemAuthorities;
        return this with { Options = options, Transports = isSameArchive ? before.Transports : FtpTransports.From(Settings, control) };
    }
}
