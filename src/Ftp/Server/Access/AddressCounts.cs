using System.Net;

namespace ActorLogArchive.Ftp.Server.Access;

/// <summary>Open sessions of each address.</summary>
internal sealed class AddressCounts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _counts = [];

    /// <summary>Counts one more, unless there are <paramref name="most"/> (0 for no limit).</summary>
    public bool TryAdd(IPAddress subscriber, int most)
    {
        lock (_lock)
        {
            var count = _counts.GetValueOrDefault(subscriber);
            if (most > 0 && count >= most)
                return false;
            _counts[subscriber] = count + 1;
            return true;
        }
    }

    /// <summary>Counts one less.</summary>
    public void Remove(IPAddress subscriber)
    {
        lock (_lock)
        {
            if (_counts[subscriber] == 1)
                _counts.Remove(subscriber);
            else
                _counts[subscriber]--;
        }
    }
}
