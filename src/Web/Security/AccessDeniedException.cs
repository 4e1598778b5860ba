using ActorLogArchive.Web.Gateway;

namespace ActorLogArchive.Web.Security;

/// <summary>
/// An account asked for what it may not. To a page it is one more reason why something is not to be had, with a message for a person;
/// a program gets 403.
/// </summary>
public sealed class AccessDeniedException(string message) : ArchiveUnavailableException(message);
