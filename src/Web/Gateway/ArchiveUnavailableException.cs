namespace ActorLogArchive.Web.Gateway;

/// <summary>A part of the archive did not answer in time or failed; the message says which one, in words for a person.</summary>
public class ArchiveUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
