using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server;

/// <summary>A transfer over the data connection, checked as far as it can be before the connection is made.</summary>
internal abstract record TransferPlan
{
    /// <summary>What is said before the data connection is made.</summary>
    public ServerReply Opening { get; init; } = Replies.Opening;
}

/// <summary>An upload.</summary>
/// <param name="Path">The file.</param>
/// <param name="Mode">How it is opened.</param>
/// <param name="Offset">For <see cref="FtpWriteMode.Resume"/>: where it begins.</param>
/// <param name="SizeHint">Bytes announced, 0 when unknown.</param>
/// <param name="NeedsPermission">What must stay allowed while it runs.</param>
internal sealed record StorePlan(FtpPath Path, FtpWriteMode Mode, long Offset, long SizeHint, FtpPermissions NeedsPermission) : TransferPlan;

/// <summary>A download of an open file, which the transfer closes.</summary>
internal sealed record RetrievePlan(FtpPath Path, IFtpReader Reader, long Offset) : TransferPlan;

/// <summary>A listing, made while it is sent.</summary>
/// <param name="Directory">What is listed.</param>
/// <param name="Entries">Its entries.</param>
/// <param name="Format">How each line is written.</param>
internal sealed record ListPlan(FtpPath Directory, IAsyncEnumerable<FtpEntry> Entries, EntryFormat Format) : TransferPlan;

/// <summary>Writes an entry as one line of a listing.</summary>
/// <returns>False when <paramref name="line"/> is too short for it.</returns>
internal delegate bool EntryFormat(FtpEntry entry, Span<byte> line, out int length);
