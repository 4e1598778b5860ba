namespace ActorLogArchive.ForeignServers;

/// <summary>One line as in <c>/etc/passwd</c>, which pure-ftpd and proftpd take for an account of their own.</summary>
internal static class PasswordFile
{
    public const string UserName = "tester";
    public const string Password = "secret";

    /// <summary>Debian's <c>nobody</c>: servers refuse to serve as root.</summary>
    public const int Nobody = 65534;

    // crypt("secret"), SHA-512 with the fewest rounds: sign-in is to cost little.
    private const string Crypted = "$6$rounds=1000$contractsalt$MpQzGAxOZILr/BPJDBTDzEWh6HREMZ5XTuaTDBBbi5RPxoPvJAWuY/I88iqinp4RnSuFKdASMgDNl7F6WUG2o.";

    public static string Line(int uid, int gid, string home, string rest) => $"{UserName}:{Crypted}:{uid}:{gid}::{home}:{rest}\n";
}
