using System.Globalization;
using ActorLogArchive.Ftp.Client.Parsing;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>
/// Asks for the server's hash of a part of a file: HASH with RANG (draft-bryan-ftpext-hash, draft-bryan-ftp-range), or
/// for whole files the older XSHA256 and XCRC.
/// </summary>
internal static class FtpRangeHash
{
    // A server reads the file to hash it. Allowing for a slow disk, it gets a second more for each of these.
    private const long BytesPerExtraSecond = 16 * 1024 * 1024;

    private static readonly FtpHashAlgorithm[] BestFirst = [FtpHashAlgorithm.Xxh128, FtpHashAlgorithm.Sha256, FtpHashAlgorithm.Crc32];

    /// <summary>The algorithm to prefer of those offered: quick and strong, strong, any.</summary>
    public static FtpHashAlgorithm? Best(IReadOnlyList<FtpHashAlgorithm> offered)
    {
        foreach (var algorithm in BestFirst)
        {
            if (offered.Contains(algorithm))
            {
                return algorithm;
            }
        }

        return null;
    }

    /// <summary>The algorithm in which this server can hash a range, or a whole file when <paramref name="whole"/>.</summary>
    /// <param name="features">What the server offers.</param>
    /// <param name="whole">Whether the range is the whole file.</param>
    /// <param name="wanted">The algorithm that must be, null for any.</param>
    public static FtpHashAlgorithm? Choose(FtpFeatures features, bool whole, FtpHashAlgorithm? wanted)
    {
        if (wanted is { } one)
        {
            return IsOffered(features, whole, one) ? one : null;
        }

        return whole || features.HashRange ? Best(features.Hashes) ?? (whole ? Best(features.LegacyHashes) : null) : null;
    }

    /// <summary>Adds the commands; as many replies are to be read by <see cref="ReadAsync"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="steps">Takes the commands.</param>
    /// <param name="path">The file.</param>
    /// <param name="algorithm">One that <see cref="Choose"/> gave.</param>
    /// <param name="start">First byte.</param>
    /// <param name="end">One past the last byte. The range may be empty only for a file that is: RANG cannot express it.</param>
    public static void AddCommands(FtpSession session, FtpCommandSequence steps, string path, FtpHashAlgorithm algorithm, long start, long end)
    {
        if (!session.Features.Hashes.Contains(algorithm))
        {
            steps.Add(algorithm == FtpHashAlgorithm.Crc32 ? "XCRC" : "XSHA256", path);
            return;
        }

        if (session.SelectedHash != algorithm)
        {
            steps.Add("OPTS", $"HASH {algorithm.ToName()}");
        }

        if (session.Features.HashRange && end > start)
        {
            // Both ends are part of the range.
            steps.Add("RANG", string.Create(CultureInfo.InvariantCulture, $"{start} {end - 1}"));
        }

        steps.Add("HASH", path);
    }

    /// <summary>Reads the replies to what <see cref="AddCommands"/> added.</summary>
    /// <returns>The digest, or the refusal.</returns>
    public static async ValueTask<(FtpHash? Hash, FtpReply Last)> ReadAsync(
        FtpSession session, FtpCommandSequence steps, FtpHashAlgorithm algorithm, long start, long end)
    {
        var usesHash = session.Features.Hashes.Contains(algorithm);
        FtpReply? refusal = null;
        if (usesHash && session.SelectedHash != algorithm)
        {
            var chosen = await steps.NextAsync().ConfigureAwait(false);
            if (chosen.IsCompletion)
            {
                session.SelectedHash = algorithm;
            }
            else
            {
                refusal = chosen;
            }
        }

        if (usesHash && session.Features.HashRange && end > start)
        {
            var range = await steps.NextAsync().ConfigureAwait(false);
            refusal ??= range.Code == 350 ? null : range;
        }

        var reply = await steps.NextAsync(TimeSpan.FromSeconds((end - start) / BytesPerExtraSecond)).ConfigureAwait(false);
        if (refusal is not null || !reply.IsCompletion)
        {
            return (null, refusal ?? reply);
        }

        var digits = algorithm switch { FtpHashAlgorithm.Crc32 => 8, FtpHashAlgorithm.Xxh128 => 32, _ => 64 };
        var digest = FtpHashReply.FindDigest(reply.Text, digits);
        return (digest is null ? null : new FtpHash(algorithm, start, end, digest), reply);
    }

    private static bool IsOffered(FtpFeatures features, bool whole, FtpHashAlgorithm algorithm) =>
        (features.Hashes.Contains(algorithm) && (whole || features.HashRange)) || (whole && features.LegacyHashes.Contains(algorithm));
}
