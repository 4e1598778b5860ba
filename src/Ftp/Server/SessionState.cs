using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Server;

/// <summary>The facts that MLST and MLSD may tell (RFC 3659, section 7.5).</summary>
[Flags]
internal enum ListingFacts
{
    None = 0,
    Type = 1,
    Size = 2,
    Modify = 4,
    Perm = 8,
    All = 15,
}

/// <summary>What a session remembers from one command to the next. Handlers return the next state; they change nothing.</summary>
internal sealed record SessionState
{
    /// <summary>The state of a new session.</summary>
    public static readonly SessionState Initial = new();

    /// <summary>The name given by USER, until PASS.</summary>
    public string? UserName { get; init; }

    /// <summary>Refused sign-ins on this connection.</summary>
    public int FailedSignIns { get; init; }

    /// <summary>The working directory.</summary>
    public FtpPath Directory { get; init; }

    /// <summary>REST: where the next transfer begins.</summary>
    public long RestartOffset { get; init; }

    /// <summary>ALLO: how long the next file will be, 0 when unknown.</summary>
    public long SizeHint { get; init; }

    /// <summary>RNFR: what RNTO will rename.</summary>
    public FtpPath? RenameFrom { get; init; }

    /// <summary>OPTS HASH.</summary>
    public FtpHashAlgorithm HashAlgorithm { get; init; } = FtpHashAlgorithm.Xxh128;

    /// <summary>RANG: first byte, and one past the last, of the next HASH.</summary>
    public (long Start, long End)? HashRange { get; init; }

    /// <summary>OPTS MLST.</summary>
    public ListingFacts Facts { get; init; } = ListingFacts.All;

    /// <summary>MODE, and OPTS MODE Z.</summary>
    public TransferMode Mode { get; init; } = TransferMode.Initial;

    /// <summary>PBSZ came (RFC 4217, section 8: PROT is refused without).</summary>
    public bool HasBufferSize { get; init; }

    /// <summary>PROT: data connections are to be encrypted.</summary>
    public bool DataIsPrivate { get; init; }

    /// <summary>EPSV ALL came: only EPSV is accepted from now on (RFC 2428, section 4).</summary>
    public bool ExtendedPassiveOnly { get; init; }

    /// <summary>What USER leaves: how data travels (RFC 959, section 4.1.1), nothing of who was there before.</summary>
    public SessionState ForUser(string name) => Initial with
    {
        UserName = name,
        FailedSignIns = FailedSignIns,
        Mode = Mode,
        HasBufferSize = HasBufferSize,
        DataIsPrivate = DataIsPrivate,
        ExtendedPassiveOnly = ExtendedPassiveOnly,
    };
}
