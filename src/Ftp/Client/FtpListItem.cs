namespace ActorLogArchive.Ftp.Client;

/// <summary>An entry of a remote listing.</summary>
/// <param name="Name">Its name: never empty, <c>.</c> or <c>..</c>, never with a slash.</param>
/// <param name="IsDirectory">Whether it is a folder.</param>
/// <param name="Size">Bytes; 0 for a folder.</param>
/// <param name="Modified">Last modification, UTC; null when the server does not tell.</param>
public sealed record FtpListItem(string Name, bool IsDirectory, long Size, DateTimeOffset? Modified)
{
    /// <summary>Whether a server's word for a name can be one: a name with a slash would lead a caller out of the folder.</summary>
    internal static bool IsName(ReadOnlySpan<char> name) => name is not ("" or "." or "..") && name.IndexOfAny('/', '\0') < 0;
}
