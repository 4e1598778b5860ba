namespace ActorLogArchive.Ftp.Server;

/// <summary>What a handler wants done: a reply to be sent or a transfer to be run, and the session's next state.</summary>
/// <param name="Reply">The reply, null when the transfer replies.</param>
/// <param name="State">The next state, null for the same.</param>
/// <param name="Transfer">A transfer to run.</param>
/// <param name="BeginsTls">After the reply the connection is encrypted.</param>
/// <param name="CloseReason">When set, the session ends after the reply, for this reason.</param>
internal readonly record struct CommandResult(ServerReply? Reply, SessionState? State = null, TransferPlan? Transfer = null, bool BeginsTls = false, string? CloseReason = null)
{
    public static implicit operator CommandResult(ServerReply reply) => new(reply);

    public static implicit operator CommandResult(TransferPlan plan) => new(null, Transfer: plan);

    public static implicit operator ValueTask<CommandResult>(CommandResult result) => ValueTask.FromResult(result);
}
