namespace ActorLogArchive.Web.Hosting;

/// <summary>What the web part has to be told by its host.</summary>
public sealed class ArchiveWebOptions
{
    /// <summary>Folder for the keys that sign cookies; without it every restart signs everybody out.</summary>
    public string? KeysFolder { get; set; }

    /// <summary>Port that the FTP server is set to; the page gives it out for new agents while the server does not listen.</summary>
    public int FtpPort { get; set; } = 2121;

    /// <summary>Port of the cluster, for the settings that the page gives out for new agents.</summary>
    public int ClusterPort { get; set; } = 4053;

    /// <summary>Files searched at the same time.</summary>
    public int SearchParallelism { get; set; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>The list of static assets (<c>*.staticwebassets.endpoints.json</c>); null for the host program's own.</summary>
    public string? StaticAssetsManifest { get; set; }
}
