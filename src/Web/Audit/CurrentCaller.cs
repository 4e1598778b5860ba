using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;

namespace ActorLogArchive.Web.Audit;

/// <summary>The caller of what runs now: of the request, or of the circuit whose page did something.</summary>
public sealed class CurrentCaller(IHttpContextAccessor requests)
{
    private readonly AsyncLocal<Caller?> _circuit = new();

    /// <summary>The caller; <see cref="Caller.Archive"/> when nobody asked.</summary>
    public Caller Value => _circuit.Value ?? (requests.HttpContext is { } context ? Caller.Of(context) : Caller.Archive);

    /// <summary>Makes <paramref name="caller"/> the one of everything that the running method does and starts.</summary>
    public void Enter(Caller caller) => _circuit.Value = caller;
}

/// <summary>
/// Knows the caller of a circuit: whatever a page does, it does because a message came over the connection that its browser signed in for.
/// </summary>
internal sealed class CallerOfCircuit(CurrentCaller callers) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocation, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (invocation.Context.GetHttpContext() is { } context)
            callers.Enter(Caller.Of(invocation.Context.User ?? context.User, Caller.AddressOf(context)));
        return await next(invocation);
    }
}
