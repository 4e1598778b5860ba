namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// The memory of trust on first use: which certificate a server showed first. May be called by several clients at once.
/// Fingerprints are SHA-256 of the certificate, 64 lower-case hexadecimal digits.
/// </summary>
public interface IFtpCertificatePins
{
    /// <summary>The fingerprint remembered for a server; null when it was never seen.</summary>
    /// <exception cref="IOException">The memory cannot be read: the connection is not made.</exception>
    string? Find(string host, int port);

    /// <summary>Remembers a fingerprint, unless there is one already.</summary>
    /// <returns>The one that is remembered now: another client may have been first.</returns>
    /// <exception cref="IOException">It cannot be kept: the connection is not used.</exception>
    string Remember(string host, int port, string fingerprint);

    /// <summary>What a person does to have a server's new certificate accepted, for the text of a refusal.</summary>
    string HowToForget(string host, int port) => "remove the remembered one";
}
