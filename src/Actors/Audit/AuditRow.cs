using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;

namespace ActorLogArchive.Actors.Audit;

/// <summary>An entry as it is stored.</summary>
[Table("audit")]
internal sealed class AuditRow
{
    [PrimaryKey, Identity, Column("id")]
    public long Id { get; set; }

    /// <summary>Unix milliseconds.</summary>
    [Column("at")]
    public long At { get; set; }

    [Column("who"), NotNull]
    public string Who { get; set; } = "";

    [Column("by"), NotNull]
    public string By { get; set; } = "";

    [Column("address"), NotNull]
    public string Address { get; set; } = "";

    [Column("action"), NotNull]
    public string Action { get; set; } = "";

    [Column("subject"), NotNull]
    public string Subject { get; set; } = "";

    /// <summary>Name of an <see cref="AuditOutcome"/> in small letters.</summary>
    [Column("outcome"), NotNull]
    public string Outcome { get; set; } = "";

    [Column("detail"), NotNull]
    public string Detail { get; set; } = "";

    public static AuditRow Of(AuditEntry entry) => new()
    {
        At = entry.At.ToUnixTimeMilliseconds(),
        Who = Cut(entry.Who),
        By = entry.By,
        Address = entry.Address,
        Action = entry.Action,
        Subject = Cut(entry.Subject),
        Outcome = Name(entry.Outcome),
        Detail = Cut(entry.Detail),
    };

    public AuditEntry ToEntry() => new(
        DateTimeOffset.FromUnixTimeMilliseconds(At), Who, By, Address, Action, Subject, Enum.Parse<AuditOutcome>(Outcome, ignoreCase: true), Detail)
    { Id = Id };

    public static string Name(AuditOutcome outcome) => outcome.ToString().ToLowerInvariant();

    private static string Cut(string text) => text.Length <= AuditEntry.MaxText ? text : text[..AuditEntry.MaxText];
}

/// <summary>One connection to the log's database.</summary>
internal sealed class AuditDatabase(DataOptions options) : DataConnection(options)
{
    /// <summary>A later shape adds to this one: the log of years must stay readable.</summary>
    public const int SchemaVersion = 1;

    // The triggers hold against this program's own mistakes and against a tool that opens the file; REPLACE would pass the one against
    // DELETE, so the one before INSERT refuses a number that is taken. AUTOINCREMENT never gives out a number twice.
    public const string Schema = """
        CREATE TABLE audit(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            who TEXT NOT NULL,
            by TEXT NOT NULL,
            address TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            outcome TEXT NOT NULL,
            detail TEXT NOT NULL);
        CREATE INDEX audit_at ON audit(at);
        CREATE INDEX audit_who ON audit(who, id);
        CREATE INDEX audit_action ON audit(action, id);
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS(SELECT 1 FROM audit WHERE id = NEW.id)
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        PRAGMA user_version = 1;
        """;

    public ITable<AuditRow> Entries => this.GetTable<AuditRow>();
}
