using System.ComponentModel;
using ActorLogArchive.Actors.Audit;
using ActorLogArchive.Web.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLogArchive.Web.Api;

/// <summary>An entry of the audit log.</summary>
public sealed record AuditEntryModel(
    long Id, DateTimeOffset At, string Who, string By, string Address, string Action, string Subject, string Outcome, string Detail)
{
    internal static AuditEntryModel From(AuditEntry entry) => new(
        entry.Id, entry.At, entry.Who, entry.By, entry.Address, entry.Action, entry.Subject, entry.Outcome.ToString().ToLowerInvariant(), entry.Detail);
}

/// <summary>A page of the audit log, newest first; <paramref name="Next"/> is the cursor of the page after it, null for the last.</summary>
public sealed record AuditPageModel(IReadOnlyList<AuditEntryModel> Entries, string? Next);

internal static class AuditApi
{
    private const string WhoHelp = "Exactly this account";
    private const string ActionHelp = "This action, or a family of them: account, agent, file …";
    private const string SubjectHelp = "Subjects that contain this";
    private const string AddressHelp = "Addresses that begin with this";
    private const string OutcomeHelp = "done, refused, throttled, failed or aborted";

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("Who did what, from where, and how it ended; newest first").Produces<AuditPageModel>().ProducesValidationProblem();
        group.MapGet("/export", ExportAsync).WithSummary("All entries that match, newest first, as CSV or JSON lines")
            .Produces(200, contentType: AuditExport.Csv, additionalContentTypes: AuditExport.JsonLines).ProducesValidationProblem()
            .Audited(AuditActions.AuditExport, "format", "who", "action", "subject", "address", "outcome", "from", "to");
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        IAuditLog audit,
        CancellationToken cancellationToken,
        [Description(WhoHelp)] string? who = null,
        [Description(ActionHelp)] string? action = null,
        [Description(SubjectHelp)] string? subject = null,
        [Description(AddressHelp)] string? address = null,
        [Description(OutcomeHelp)] string? outcome = null,
        [Description("At or after")] string? from = null,
        [Description("Before")] string? to = null,
        [Description(ApiCursor.Help)] string? cursor = null,
        [Description("Entries to return, 1 to 1000")] string? take = null)
    {
        var arguments = new ApiArguments();
        var query = Read(arguments, who, action, subject, address, outcome, from, to) with
        {
            Before = arguments.Number(cursor),
            Take = (int)arguments.Integer("take", take, 100, 1, 1000),
        };
        if (arguments.Problem is { } problem)
            return problem;

        var page = await audit.FindAsync(query, cancellationToken);
        var next = page.Next is { } before ? ApiCursor.Of(before) : null;
        ApiCursor.LinkNext(context, next);
        return Results.Ok(new AuditPageModel([.. page.Entries.Select(AuditEntryModel.From)], next));
    }

    private static IResult ExportAsync(
        IAuditLog audit,
        TimeProvider time,
        [Description("csv (when left out) or jsonl")] string? format = null,
        [Description(WhoHelp)] string? who = null,
        [Description(ActionHelp)] string? action = null,
        [Description(SubjectHelp)] string? subject = null,
        [Description(AddressHelp)] string? address = null,
        [Description(OutcomeHelp)] string? outcome = null,
        [Description("At or after")] string? from = null,
        [Description("Before")] string? to = null)
    {
        var arguments = new ApiArguments();
        var query = Read(arguments, who, action, subject, address, outcome, from, to);
        if (format is not (null or "" or "csv" or "jsonl"))
            arguments.Reject("format", $"'format' is '{format}'; allowed are csv and jsonl.");
        return arguments.Problem ?? new AuditExport(audit, query, format == "jsonl", time.GetUtcNow());
    }

    private static AuditQuery Read(
        ApiArguments arguments, string? who, string? action, string? subject, string? address, string? outcome, string? from, string? to) => new()
        {
            Who = Given(who),
            Action = Given(action),
            Subject = Given(subject),
            Address = Given(address),
            Outcome = string.IsNullOrEmpty(outcome) ? null : arguments.Choice("outcome", outcome, AuditOutcome.Done),
            From = arguments.Time("from", from),
            To = arguments.Time("to", to),
        };

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
