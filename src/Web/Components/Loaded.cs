namespace ActorLogArchive.Web.Components;

/// <summary>
/// Something a page asks for, in its four states: not there yet, there, not to be had, and there from an earlier time
/// because the last try failed.
/// </summary>
public sealed class Loaded<T>(TimeProvider clock)
    where T : class
{
    /// <summary>What was loaded last.</summary>
    public T? Value { get; private set; }

    /// <summary>When it was.</summary>
    public DateTimeOffset? At { get; private set; }

    /// <summary>Why the last try failed; null when it did not.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether a try is under way.</summary>
    public bool Busy { get; private set; }

    /// <summary>Whether what is shown is older than the last try.</summary>
    public bool IsStale => Value is not null && Error is not null;

    /// <summary>Tries to load; keeps the old value when that fails.</summary>
    public async Task LoadAsync(Func<Task<T>> load)
    {
        Busy = true;
        try
        {
            Value = await load();
            At = clock.GetUtcNow();
            Error = null;
        }
        catch (OperationCanceledException)
        {
            // The page ended or asked for something else.
        }
        catch (Exception failure)
        {
            // Whatever part failed, the page lives on and says so.
            Error = failure.Message;
        }
        finally
        {
            Busy = false;
        }
    }

    /// <summary>Changes what is loaded, by news that came.</summary>
    public void Update(Func<T, T> change)
    {
        if (Value is not null)
            Value = change(Value);
    }

    /// <summary>Forgets the value, for another one of the same kind.</summary>
    public void Clear()
    {
        Value = null;
        Error = null;
    }
}
