using ActorLogArchive.Ftp.Client.Parsing;

namespace ActorLogArchive.Ftp.Client;

/// <summary>From a new connection to a session that is ready for transfers.</summary>
internal static class FtpSignOn
{
    /// <summary>Signs in, asks what the server offers, sets UTF-8 and binary type.</summary>
    /// <exception cref="FtpSignInException">The account is refused.</exception>
    /// <exception cref="FtpReplyException">Something else is.</exception>
    public static async Task<FtpSession> RunAsync(FtpControlConnection control, FtpClientOptions options)
    {
        var session = new FtpSession(control, options);
        var trust = new FtpServerTrust(options);
        if (options.Tls.Mode == FtpTlsMode.Implicit)
        {
            await control.SecureAsync(new FtpTls(options, trust)).ConfigureAwait(false);
        }

        FtpReply greeting;
        do
        {
            greeting = await control.ReadReplyAsync().ConfigureAwait(false);
        }
        while (greeting.IsPreliminary);

        if (!greeting.IsCompletion)
        {
            throw control.Fail("waiting for the greeting", new IOException(greeting.ToString()));
        }

        if (options.Tls.Mode is FtpTlsMode.Auto or FtpTlsMode.Require)
        {
            await SecureAsync(control, options, trust, greeting.Text).ConfigureAwait(false);
        }

        await SignInAsync(control, options).ConfigureAwait(false);
        var feat = await control.ExecuteAsync("FEAT").ConfigureAwait(false);
        session.Features = feat.Code == 211 ? FtpFeatureReply.Parse(feat.Text) : new FtpFeatures();
        session.SelectedHash = session.Features.SelectedHash;

        // Our own server ends a command at CRLF alone, and queues commands that come during a transfer.
        control.LineBreaksInNames = session.Features.Flush && control.LineEnding == FtpLineEnding.CarriageReturnLineFeed;
        session.IsPipelined = options.Pipelining switch
        {
            FtpPipelining.Always => true,
            FtpPipelining.Never => false,
            _ => session.Features.Flush || greeting.Text.Contains("vsFTPd", StringComparison.OrdinalIgnoreCase),
        };
        await FtpModes.SetAsync(session, options, greeting.Text).ConfigureAwait(false);
        return session;
    }

    /// <summary>Encrypts the connection by AUTH TLS (RFC 4217, section 4), before anything is told that is nobody else's business.</summary>
    private static async Task SecureAsync(FtpControlConnection control, FtpClientOptions options, FtpServerTrust trust, string greeting)
    {
        var reply = await control.ExecuteAsync("AUTH", "TLS").ConfigureAwait(false);
        if (reply.Code == 234)
        {
            await control.SecureAsync(new FtpTls(options, trust, greeting)).ConfigureAwait(false);
            return;
        }

        var refused = $"{options.Host}:{options.Port} offers no TLS (AUTH TLS was answered {PrintableText.Of(reply.ToString())})";
        if (options.Tls.Mode == FtpTlsMode.Require)
        {
            throw new FtpTlsException($"{refused}, and TLS is required: nothing was told in clear text");
        }

        if (trust.KnownBefore() is { } known)
        {
            throw new FtpTlsException($"{refused}, but {known}: somebody between this client and the server may have removed the offer");
        }
    }

    private static async Task SignInAsync(FtpControlConnection control, FtpClientOptions options)
    {
        var reply = await control.ExecuteAsync("USER", options.UserName).ConfigureAwait(false);
        if (reply.Code == 331)
        {
            reply = await control.ExecuteAsync("PASS", options.Password).ConfigureAwait(false);
        }

        if (!reply.IsCompletion)
        {
            throw new FtpSignInException($"{options.Host}:{options.Port}, signing in as {PrintableText.Of(options.UserName)}: {PrintableText.Of(reply.ToString())}");
        }
    }
}
