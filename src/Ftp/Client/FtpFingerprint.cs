using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorLogArchive.Ftp.Client;

/// <summary>SHA-256 fingerprints of certificates: 64 lower-case hexadecimal digits.</summary>
public static class FtpFingerprint
{
    private const int Length = 64;

    /// <summary>The fingerprint of <paramref name="certificate"/>.</summary>
    public static string Of(X509Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
    }

    /// <summary>Reads a fingerprint in any case, with or without <c>sha256:</c> in front and colons between.</summary>
    public static bool TryParse(string text, out string fingerprint)
    {
        ArgumentNullException.ThrowIfNull(text);
        var digits = text.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase) ? text[7..] : text;
        fingerprint = digits.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        return fingerprint.Length == Length && fingerprint.All(char.IsAsciiHexDigitLower);
    }
}
