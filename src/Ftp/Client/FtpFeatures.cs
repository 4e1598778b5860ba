using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Client;

/// <summary>What a server offers beyond RFC 959, read from its FEAT reply (RFC 2389).</summary>
public sealed record FtpFeatures
{
    /// <summary>MLSD and MLST (RFC 3659).</summary>
    public bool MachineListing { get; init; }

    /// <summary>SIZE (RFC 3659).</summary>
    public bool Size { get; init; }

    /// <summary>MDTM (RFC 3659).</summary>
    public bool ModifiedTime { get; init; }

    /// <summary>REST STREAM (RFC 3659).</summary>
    public bool RestartStream { get; init; }

    /// <summary>MFMT.</summary>
    public bool ModifyTime { get; init; }

    /// <summary>UTF8 (RFC 2640).</summary>
    public bool Utf8 { get; init; }

    /// <summary>EPSV (RFC 2428).</summary>
    public bool ExtendedPassive { get; init; }

    /// <summary>Algorithms of HASH that we know too.</summary>
    public IReadOnlyList<FtpHashAlgorithm> Hashes { get; init; } = [];

    /// <summary>RANG: HASH of a part of a file.</summary>
    public bool HashRange { get; init; }

    /// <summary>Algorithms of the older, never standardised XCRC and XSHA256.</summary>
    public IReadOnlyList<FtpHashAlgorithm> LegacyHashes { get; init; } = [];

    /// <summary>MODE Z.</summary>
    public bool Deflate { get; init; }

    /// <summary>MODE B.</summary>
    public bool Blocks { get; init; }

    /// <summary>SITE FSYNC, which only our own server has: the mark that it is one.</summary>
    public bool Flush { get; init; }

    /// <summary>The algorithm HASH uses until another is chosen.</summary>
    internal FtpHashAlgorithm? SelectedHash { get; init; }
}
