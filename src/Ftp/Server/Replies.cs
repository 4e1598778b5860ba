using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server;

/// <summary>Replies that are always the same; their bytes are made once.</summary>
internal static class Replies
{
    public static readonly ServerReply Ok = new(200, "OK.");
    public static readonly ServerReply Done = new(250, "Done.");
    public static readonly ServerReply ServiceClosing = new(221, "Goodbye.");
    public static readonly ServerReply Opening = new(150, "Opening data connection.");
    public static readonly ServerReply TransferComplete = new(226, "Transfer complete.");
    public static readonly ServerReply TransferCompleteAndKept = new(250, "Transfer complete; the data connection stays open.");
    public static readonly ServerReply AbortDone = new(226, "ABOR done.");
    public static readonly ServerReply NoDataConnection = new(425, "Use PASV, EPSV, PORT or EPRT first.");
    public static readonly ServerReply DataConnectionFailed = new(425, "The data connection could not be made.");
    public static readonly ServerReply DataMustBePrivate = new(522, "Data connections must be private: PBSZ 0 and PROT P first.");
    public static readonly ServerReply LineTooLong = new(500, "Line too long.");
    public static readonly ServerReply UnknownCommand = new(500, "Unknown command.");
    public static readonly ServerReply NotImplemented = new(502, "Command not implemented.");
    public static readonly ServerReply ParameterNotImplemented = new(504, "Command not implemented for that parameter.");
    public static readonly ServerReply NeedsArgument = new(501, "This command needs an argument.");
    public static readonly ServerReply TakesNoArgument = new(501, "This command takes no argument.");
    public static readonly ServerReply BadArgument = new(501, "The argument is not well formed.");
    public static readonly ServerReply SignInFirst = new(530, "Sign in with USER and PASS first.");
    public static readonly ServerReply SignInFailed = new(530, "Sign-in incorrect.");
    public static readonly ServerReply TlsFirst = new(530, "Signing in needs TLS: AUTH TLS first.");
    public static readonly ServerReply PermissionDenied = new(550, "Permission denied.");
    public static readonly ServerReply NotFound = new(550, "No such file or directory.");
    public static readonly ServerReply NotADirectory = new(550, "Not a directory.");
    public static readonly ServerReply NotAFile = new(550, "Not a plain file.");
    public static readonly ServerReply PathNotAllowed = new(553, "The path is not allowed.");
    public static readonly ServerReply FileBusy = new(450, "The file is being written by another session.");
    public static readonly ServerReply Banned = new(421, "Too many failed sign-ins from your address, try again later.");
    public static readonly ServerReply QuotaExceeded = new(552, "The quota of the account is used up.");
    public static readonly ServerReply LocalError = new(451, "Local error in processing.");

    /// <summary>The reply to a refusal of the storage.</summary>
    public static ServerReply For(FtpStorageException refusal) => new(
        refusal.Error switch
        {
            FtpStorageError.NameNotAllowed => 553,
            FtpStorageError.InvalidOffset => 554,
            FtpStorageError.NoSpace => 452,
            FtpStorageError.Busy => 450,
            FtpStorageError.QuotaExceeded => 552,
            _ => 550,
        },
        refusal.Message);
}
