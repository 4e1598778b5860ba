using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client.Parsing;

/// <summary>Reads the answer to FEAT (RFC 2389, section 3.2).</summary>
internal static class FtpFeatureReply
{
    /// <summary>Reads the features of a 211 reply's text; lines that are not known are passed over.</summary>
    public static FtpFeatures Parse(string text)
    {
        var features = new FtpFeatures();
        foreach (var line in text.Split('\n').Skip(1))
        {
            // Names of features are case-blind, and servers differ in how many spaces they indent with.
            var feature = line.Trim();
            var space = feature.IndexOf(' ', StringComparison.Ordinal);
            var name = (space < 0 ? feature : feature[..space]).ToUpperInvariant();
            var parameters = space < 0 ? "" : feature[(space + 1)..].Trim();
            features = Add(features, name, parameters);
        }

        return features;
    }

    private static FtpFeatures Add(FtpFeatures features, string name, string parameters) => name switch
    {
        "MLST" or "MLSD" => features with { MachineListing = true },
        "SIZE" => features with { Size = true },
        "MDTM" => features with { ModifiedTime = true },
        "MFMT" => features with { ModifyTime = true },
        "UTF8" => features with { Utf8 = true },
        "EPSV" => features with { ExtendedPassive = true },
        "RANG" => features with { HashRange = true },
        "REST" when parameters.StartsWith("STREAM", StringComparison.OrdinalIgnoreCase) => features with { RestartStream = true },
        "SITE" when parameters.Split(' ', ';').Contains("FSYNC", StringComparer.OrdinalIgnoreCase) => features with { Flush = true },
        "MODE" when parameters.Split(' ', ';')[0].Equals("Z", StringComparison.OrdinalIgnoreCase) => features with { Deflate = true },
        "MODE" when parameters.Split(' ', ';')[0].Equals("B", StringComparison.OrdinalIgnoreCase) => features with { Blocks = true },
        "XCRC" => features with { LegacyHashes = [.. features.LegacyHashes, FtpHashAlgorithm.Crc32] },
        "XSHA256" => features with { LegacyHashes = [.. features.LegacyHashes, FtpHashAlgorithm.Sha256] },
        "HASH" => AddHashes(features, parameters),
        _ => features,
    };

    /// <summary>Reads <c>SHA-256*;CRC32</c>: the star marks the algorithm in force.</summary>
    private static FtpFeatures AddHashes(FtpFeatures features, string parameters)
    {
        var algorithms = new List<FtpHashAlgorithm>();
        FtpHashAlgorithm? selected = null;
        foreach (var word in parameters.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (FtpHashNames.Parse(word.TrimEnd('*')) is { } algorithm)
            {
                algorithms.Add(algorithm);
                selected = word.EndsWith('*') ? algorithm : selected;
            }
        }

        return features with { Hashes = algorithms, SelectedHash = selected };
    }
}
