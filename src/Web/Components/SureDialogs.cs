using MudBlazor;

namespace ActorLogArchive.Web.Components;

/// <summary>Questions before something that cannot be taken back.</summary>
internal static class SureDialogs
{
    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="dialogs">Where it is shown.</param>
    /// <param name="title">The question.</param>
    /// <param name="message">What happens then, and what stays.</param>
    /// <param name="verb">The answer that does it, as on the button.</param>
    /// <returns>Whether it is to be done.</returns>
    public static async Task<bool> IsSureAsync(this IDialogService dialogs, string title, string message, string verb)
    {
        var parameters = new DialogParameters<SureDialog> { { dialog => dialog.Message, message }, { dialog => dialog.Verb, verb } };
        var shown = await dialogs.ShowAsync<SureDialog>(title, parameters, new DialogOptions { MaxWidth = MaxWidth.ExtraSmall });
        return await shown.Result is { Canceled: false };
    }
}
