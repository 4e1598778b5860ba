namespace ActorLogArchive.Ftp.Client;

/// <summary>How the bytes of a file lie on the data connection (RFC 959, section 3.4).</summary>
internal enum FtpDataMode
{
    /// <summary>MODE S: as they are; the end of the connection is that of the file.</summary>
    Stream,

    /// <summary>MODE B: in blocks, one of which ends the file; the connection stays for the next one.</summary>
    Blocks,

    /// <summary>MODE Z: compressed (draft-preston-ftpext-deflate).</summary>
    Deflate,
}
