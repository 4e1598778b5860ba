using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace ActorLogArchive.Demo.Status;

/// <summary>Asks the archive's REST API, as a script would.</summary>
internal sealed class ArchiveClient : IDisposable
{
    private readonly HttpClient _http;

    public ArchiveClient(Uri address, string account, string password)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account}:{password}")));
    }

    /// <summary>Whether the archive takes requests.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync("/health/ready", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (IsNoAnswer(e, cancellationToken))
        {
            return false;
        }
    }

    /// <summary>The agents, or in words why they could not be asked for.</summary>
    public async Task<(IReadOnlyList<AgentStatus> Agents, string? Problem)> GetAgentsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var list = await _http.GetFromJsonAsync<AgentList>("/api/v1/agents", cancellationToken);
            return (list?.Agents ?? [], null);
        }
        catch (HttpRequestException e) when (e.StatusCode is { } status)
        {
            return ([], $"the archive answers {(int)status}");
        }
        catch (JsonException)
        {
            return ([], "the archive answers something else than expected");
        }
        catch (Exception e) when (IsNoAnswer(e, cancellationToken))
        {
            return ([], "the archive does not answer");
        }
    }

    public void Dispose() => _http.Dispose();

    private static bool IsNoAnswer(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private sealed record AgentList(IReadOnlyList<AgentStatus> Agents);
}

/// <summary>An agent's figures; null until it has reported.</summary>
public sealed record AgentStatus(
    string Id, string Health, long? ArchivedFiles, long? ArchivedBytes, long? BacklogFiles, long? BacklogBytes, double? BytesPerSecond, string? LastError);
