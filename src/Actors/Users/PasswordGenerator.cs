using System.Security.Cryptography;

namespace ActorLogArchive.Actors.Users;

/// <summary>Makes passwords for accounts whose operator gave none.</summary>
public static class PasswordGenerator
{
    // Without the characters that are mistaken for one another when read from a console: 0 O 1 l I.
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    /// <summary>20 random characters, about 116 bits.</summary>
    public static string Create() => RandomNumberGenerator.GetString(Alphabet, 20);
}
