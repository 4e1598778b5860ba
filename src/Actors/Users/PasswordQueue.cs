namespace ActorLogArchive.Actors.Users;

/// <summary>
/// Runs password hashing beside the actor: a few at once, because each takes 19 MiB and a core, further ones in line, and
/// a full line refuses. Owned by one actor, which tells it each end; not for concurrent use.
/// </summary>
internal sealed class PasswordQueue(int atOnce, int waiting)
{
    private readonly Queue<Action> _line = new();
    private int _running;

    /// <summary>Runs <paramref name="start"/> now or later; it must lead to one call of <see cref="Finished"/>.</summary>
    /// <returns>False when the line is full.</returns>
    public bool TryAdd(Action start)
    {
        if (_running < atOnce)
        {
            _running++;
            start();
            return true;
        }

        if (_line.Count >= waiting)
        {
            return false;
        }

        _line.Enqueue(start);
        return true;
    }

    /// <summary>One has ended: the next in line starts.</summary>
    public void Finished()
    {
        if (_line.TryDequeue(out var next))
        {
            next();
        }
        else
        {
            _running--;
        }
    }
}
