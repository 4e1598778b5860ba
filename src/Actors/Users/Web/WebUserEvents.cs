namespace ActorLogArchive.Actors.Users.Web;

/// <summary>
/// What happened to web accounts and their tokens, in the journal of <see cref="UserRegistryActor"/>. An account begins with
/// <see cref="UserEvents.WebUserAdded"/>. Passwords, tokens and recovery codes are in it as hashes only; a TOTP secret, which a check
/// needs as it is, in clear.
/// </summary>
public static class WebUserEvents
{
    /// <summary>Role, scope or state of an account changed; null fields stayed as they were.</summary>
    public sealed record WebUserChanged(string Name, string? Role, IReadOnlyList<string>? Agents, bool? IsDisabled, DateTimeOffset At) : IUserEvent
    {
        /// <summary>Equal when all values are, the agents in their order.</summary>
        public bool Equals(WebUserChanged? other) =>
            other is not null && (Name, Role, IsDisabled, At) == (other.Name, other.Role, other.IsDisabled, other.At) && WebLists.AreEqual(Agents, other.Agents);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Name, Role, IsDisabled, At);
    }

    /// <summary>An account has another password; with <paramref name="MustChange"/> it is good for choosing one's own only.</summary>
    public sealed record WebPasswordSet(string Name, PasswordHash Password, bool MustChange, DateTimeOffset At) : IUserEvent;

    /// <summary>An account was removed, with its tokens.</summary>
    public sealed record WebUserRemoved(string Name, DateTimeOffset At) : IUserEvent;

    /// <summary>An account signs in with a second factor from now on. The code of <paramref name="Step"/> confirmed it and is used up.</summary>
    public sealed record WebTotpEnabled(string Name, string Secret, IReadOnlyList<string> RecoveryHashes, long Step, DateTimeOffset At) : IUserEvent
    {
        /// <summary>Equal when all values are, the hashes in their order.</summary>
        public bool Equals(WebTotpEnabled? other) =>
            other is not null && (Name, Secret, Step, At) == (other.Name, other.Secret, other.Step, other.At) && WebLists.AreEqual(RecoveryHashes, other.RecoveryHashes);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Name, Step, At);

        /// <summary>Text form without the secret.</summary>
        public override string ToString() => $"WebTotpEnabled {{ Name = {Name} }}";
    }

    /// <summary>An account signs in with its password alone again.</summary>
    public sealed record WebTotpDisabled(string Name, DateTimeOffset At) : IUserEvent;

    /// <summary>A code was used: no code of this step or an earlier one is good any more.</summary>
    public sealed record WebTotpUsed(string Name, long Step, DateTimeOffset At) : IUserEvent;

    /// <summary>A recovery code was used up.</summary>
    public sealed record WebRecoveryCodeUsed(string Name, string Hash, DateTimeOffset At) : IUserEvent;

    /// <summary>A token was made.</summary>
    public sealed record ApiTokenMade(
        string Id, string Owner, string Name, string Role, IReadOnlyList<string> Agents, DateTimeOffset? ExpiresAt, string Hash, DateTimeOffset At) : IUserEvent
    {
        /// <summary>Equal when all values are, the agents in their order.</summary>
        public bool Equals(ApiTokenMade? other) =>
            other is not null
            && (Id, Owner, Name, Role, ExpiresAt, Hash, At) == (other.Id, other.Owner, other.Name, other.Role, other.ExpiresAt, other.Hash, other.At)
            && WebLists.AreEqual(Agents, other.Agents);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Id, Owner, At);
    }

    /// <summary>A token was revoked.</summary>
    public sealed record ApiTokenRevoked(string Id, DateTimeOffset At) : IUserEvent;

    /// <summary>A token was used, noted once an hour at most.</summary>
    public sealed record ApiTokenUsed(string Id, DateTimeOffset At) : IUserEvent;
}

internal static class WebLists
{
    public static bool AreEqual(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        one is null || other is null ? ReferenceEquals(one, other) : one.SequenceEqual(other, StringComparer.Ordinal);
}
