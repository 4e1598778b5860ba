using ActorLogArchive.Actors.Audit;

namespace ActorLogArchive.Web.Tests.Fakes;

/// <summary>The real database of the audit log in a folder of its own, written at once and without counting repeats.</summary>
internal sealed class FakeAuditLog : IAuditLog, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ala-audit-").FullName;
    private readonly Lock _lock = new();
    private readonly AuditStore _store;

    public FakeAuditLog() => _store = AuditStore.Open(Path.Combine(_folder, "audit.db"), DateTimeOffset.UnixEpoch);

    /// <summary>All entries, oldest first.</summary>
    public IReadOnlyList<AuditEntry> Entries => [.. _store.Find(AuditQuery.All with { Take = 1000 }).Entries.Reverse()];

    public Task RecordAsync(AuditEntry entry)
    {
        lock (_lock)
            _store.Append([entry]);
        return Task.CompletedTask;
    }

    public Task<AuditPage> FindAsync(AuditQuery query, CancellationToken cancellationToken) => Task.FromResult(_store.Find(query));

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
