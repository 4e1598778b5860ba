using System.Text;

namespace ActorLogArchive.Ftp.Protocol;

/// <summary>What an account may do, by pyftpdlib's letters.</summary>
[Flags]
public enum FtpPermissions
{
    /// <summary>Nothing but signing in.</summary>
    None = 0,

    /// <summary><c>e</c>: change directory (CWD, CDUP).</summary>
    ChangeDirectory = 1,

    /// <summary><c>l</c>: list and stat (LIST, NLST, MLSD, MLST, STAT, SIZE, MDTM).</summary>
    List = 2,

    /// <summary><c>r</c>: retrieve (RETR, HASH).</summary>
    Read = 4,

    /// <summary><c>a</c>: append to an existing file (APPE, REST + STOR).</summary>
    Append = 8,

    /// <summary><c>d</c>: delete (DELE, RMD).</summary>
    Delete = 16,

    /// <summary><c>f</c>: rename (RNFR, RNTO).</summary>
    Rename = 32,

    /// <summary><c>m</c>: make a directory (MKD).</summary>
    MakeDirectory = 64,

    /// <summary><c>w</c>: store (STOR, ALLO).</summary>
    Write = 128,

    /// <summary><c>M</c>: change mode (SITE CHMOD).</summary>
    ChangeMode = 256,

    /// <summary><c>T</c>: change modification time (MFMT).</summary>
    ChangeTime = 512,

    /// <summary>All of them.</summary>
    All = 1023,
}

/// <summary>Reads and writes <see cref="FtpPermissions"/> as letters.</summary>
public static class FtpPermissionLetters
{
    private const string Letters = "elradfmwMT";

    /// <summary>Reads letters such as <c>elr</c>.</summary>
    /// <returns>False, naming the first unknown letter in <paramref name="error"/>.</returns>
    public static bool TryParse(string letters, out FtpPermissions permissions, out string? error)
    {
        permissions = FtpPermissions.None;
        foreach (var letter in letters)
        {
            var bit = Letters.IndexOf(letter, StringComparison.Ordinal);
            if (bit < 0)
            {
                error = $"unknown permission letter '{letter}' in '{letters}'; allowed are {Letters}";
                return false;
            }

            permissions |= (FtpPermissions)(1 << bit);
        }

        error = null;
        return true;
    }

    /// <summary>The letters of <paramref name="permissions"/>, in the order <c>elradfmwMT</c>.</summary>
    public static string ToLetters(this FtpPermissions permissions)
    {
        var text = new StringBuilder(Letters.Length);
        for (var bit = 0; bit < Letters.Length; bit++)
        {
            if (permissions.HasFlag((FtpPermissions)(1 << bit)))
            {
                text.Append(Letters[bit]);
            }
        }

        return text.ToString();
    }
}
