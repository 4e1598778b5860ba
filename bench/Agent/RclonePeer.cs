using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench;

/// <summary>vsftpd, and rclone with four transfers at a time to fill it.</summary>
public sealed class RclonePeer : IMirrorPeer
{
    private const string Rclone = "/usr/bin/rclone";

    private readonly ForeignServer _server;
    private readonly string _password;

    private RclonePeer(ForeignServer server, string password) => (_server, _password) = (server, password);

    /// <inheritdoc/>
    public string Name => "rclone --transfers=4 into vsftpd";

    /// <summary>Starts vsftpd in a folder that does not exist yet; null, with a word on the console, where it or rclone is missing.</summary>
    public static async Task<RclonePeer?> TryStartAsync(string folder)
    {
        if ((new Vsftpd().WhyNot(ServerTls.None) ?? (File.Exists(Rclone) ? null : "rclone is not installed")) is { } why)
        {
            Console.Error.WriteLine($"without a peer: {why}");
            return null;
        }

        return new RclonePeer(await PeerProcess.StartVsftpdAsync(folder), (await PeerProcess.OutputOfAsync(Rclone, ["obscure", "anonymous"])).Trim());
    }

    /// <inheritdoc/>
    public Task<TimeSpan> MirrorAsync(string folder, string name) => PeerProcess.RunAsync(Rclone,
    [
        "copy", "--transfers=4", "--config=/dev/null", "--log-level=ERROR", folder,
        $":ftp,host=127.0.0.1,port={_server.Site.Port},user=anonymous,pass={_password}:{_server.Start.Home}/{name}",
    ]);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
