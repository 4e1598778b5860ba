using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Api;
using Microsoft.AspNetCore.Http;

namespace ActorLogArchive.Web.Audit;

/// <summary>Sends all entries that match, page by page: never more than one page of them is in memory.</summary>
internal sealed class AuditExport(IAuditLog audit, AuditQuery query, bool asJson, DateTimeOffset now) : IResult
{
    public const string Csv = "text/csv";
    public const string JsonLines = "application/x-ndjson";
    private const int PageSize = 1000;

    public async Task ExecuteAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = (asJson ? JsonLines : Csv) + "; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture, $"attachment; filename=\"audit-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.{(asJson ? "jsonl" : "csv")}\"");

        var text = new StringBuilder(asJson ? "" : "id,at,who,by,address,action,subject,outcome,detail\r\n");
        for (var before = query.Before; ;)
        {
            var page = await audit.FindAsync(query with { Before = before, Take = PageSize }, context.RequestAborted);
            foreach (var entry in page.Entries)
                Append(text, AuditEntryModel.From(entry));
            await response.WriteAsync(text.ToString(), context.RequestAborted);
            text.Clear();
            if (page.Next is null)
                return;
            before = page.Next;
        }
    }

    private void Append(StringBuilder text, AuditEntryModel entry)
    {
        if (asJson)
        {
            text.Append(JsonSerializer.Serialize(entry, JsonSerializerOptions.Web)).Append('\n');
            return;
        }

        text.Append(entry.Id.ToString(CultureInfo.InvariantCulture)).Append(',').Append(entry.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        foreach (var value in (string[])[entry.Who, entry.By, entry.Address, entry.Action, entry.Subject, entry.Outcome, entry.Detail])
            text.Append(',').Append(Cell(value));
        text.Append("\r\n");
    }

    // RFC 4180; a name that a spreadsheet would take for a formula is made a text.
    internal static string Cell(string value)
    {
        var plain = value.Length > 0 && value[0] is ('=' or '+' or '-' or '@' or '\t' or '\r') ? "'" + value : value;
        return plain.AsSpan().IndexOfAny("\",\r\n") < 0 ? plain : $"\"{plain.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
