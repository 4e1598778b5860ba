namespace ActorLogArchive.Actors.Users;

/// <summary>Settings of <see cref="UserRegistryActor"/>.</summary>
public sealed record UserRegistryOptions
{
    /// <summary>Password of the web account <c>admin</c>, used at the first start only.</summary>
    public required string AdminPassword { get; init; }

    /// <summary>Whether that password is good for choosing another one only: a generated one, which stood on a console.</summary>
    public bool AdminMustChangePassword { get; init; }

    /// <summary>FTP accounts taken in at the first start, see <see cref="UsersFile"/>.</summary>
    public IReadOnlyList<UsersFileAccount> FirstAccounts { get; init; } = [];

    /// <summary>
    /// Called once in the life of an archive, after its first accounts are stored: the moment to show a generated
    /// password. Runs on the actor's thread.
    /// </summary>
    public Action? OnFirstStart { get; init; }

    /// <summary>Cost of new password hashes.</summary>
    public PasswordCost Cost { get; init; } = PasswordCost.Default;

    /// <summary>Passwords hashed at once: each takes a core, and 19 MiB.</summary>
    public int HashesAtOnce { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Passwords that may wait for their turn; further ones are refused as busy.</summary>
    public int HashesWaiting { get; init; } = 200;

    /// <summary>How long a verified password is not hashed again.</summary>
    public TimeSpan VerifiedFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Text form without the passwords.</summary>
    public override string ToString() => $"UserRegistryOptions {{ FirstAccounts = {FirstAccounts.Count} }}";
}
