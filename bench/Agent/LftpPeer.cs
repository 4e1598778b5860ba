using ActorLogArchive.ForeignServers;

namespace ActorLogArchive.Bench;

/// <summary>vsftpd, and lftp with four connections to fill it: sent, and nothing else.</summary>
public sealed class LftpPeer : IMirrorPeer
{
    private const string Lftp = "/usr/bin/lftp";

    private readonly ForeignServer _server;
    private readonly FtpLink? _link;

    private LftpPeer(ForeignServer server, FtpLink? link) => (_server, _link) = (server, link);

    /// <inheritdoc/>
    public string Name => "lftp --parallel=4 into vsftpd";

    private string IsTls => _server.Site.Tls == ServerTls.None ? "no" : "yes";

    /// <summary>Starts vsftpd in a folder that does not exist yet; null, with a word on the console, where it or lftp is missing.</summary>
    /// <param name="folder">For its files.</param>
    /// <param name="delay">One way of the link to it; null for none.</param>
    /// <param name="tls">Whether control and data connections are encrypted.</param>
    public static async Task<LftpPeer?> TryStartAsync(string folder, TimeSpan? delay = null, bool tls = false)
    {
        var kind = tls ? ServerTls.Explicit : ServerTls.None;
        if ((new Vsftpd().WhyNot(kind) ?? (File.Exists(Lftp) ? null : "lftp is not installed")) is { } why)
        {
            Console.Error.WriteLine($"without a peer: {why}");
            return null;
        }

        var server = await PeerProcess.StartVsftpdAsync(folder, kind);
        return new LftpPeer(server, delay is { } oneWay ? new FtpLink(server.Site.Port, oneWay) : null);
    }

    /// <inheritdoc/>
    public Task<TimeSpan> MirrorAsync(string folder, string name) => PeerProcess.RunAsync(
        Lftp, ["-c", $"set ftp:ssl-allow {IsTls}; set ftp:ssl-force {IsTls}; set ftp:ssl-protect-data {IsTls}; set ssl:verify-certificate no; open ftp://127.0.0.1:{_link?.Port ?? _server.Site.Port}; mirror -R --parallel=4 {folder} {_server.Start.Home}/{name}"]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_link is not null)
            await _link.DisposeAsync();
        await _server.DisposeAsync();
    }
}
