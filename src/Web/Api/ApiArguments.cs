using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ActorLogArchive.Web.Api;

/// <summary>Reads query values and collects what is wrong with them: which one, its value, and what is allowed.</summary>
internal sealed class ApiArguments
{
    private readonly Dictionary<string, string[]> _errors = [];

    /// <summary>The 400 that names every bad value; null when all are good.</summary>
    public IResult? Problem => _errors.Count == 0
        ? null
        : Results.ValidationProblem(_errors, detail: string.Join(" ", _errors.Values.SelectMany(error => error)), title: "A value is not acceptable.");

    public void Reject(string name, string reason) => _errors[name] = [reason];

    public string Required(string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
            Reject(name, $"'{name}' is missing.");
        return text ?? "";
    }

    public long Integer(string name, string? text, long fallback, long least, long most)
    {
        if (string.IsNullOrEmpty(text))
            return fallback;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;

        Reject(name, $"'{name}' is '{text}'; allowed are whole numbers from {least} to {most}.");
        return fallback;
    }

    public bool Flag(string name, string? text, bool fallback)
    {
        switch (text?.ToLowerInvariant())
        {
            case null:
                return fallback;
            case "" or "true" or "1":
                return true;
            case "false" or "0":
                return false;
            default:
                Reject(name, $"'{name}' is '{text}'; allowed are true and false.");
                return fallback;
        }
    }

    public T Choice<T>(string name, string? text, T fallback)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
            return fallback;
        if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0]))
            return value;

        Reject(name, $"'{name}' is '{text}'; allowed are {string.Join(", ", Enum.GetNames<T>().Select(choice => choice.ToLowerInvariant()))}.");
        return fallback;
    }

    public DateTimeOffset? Time(string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value))
            return value;

        Reject(name, $"'{name}' is '{text}'; allowed is a date or time such as 2026-11-23 or 2026-11-23T10:00:00Z.");
        return null;
    }
}
