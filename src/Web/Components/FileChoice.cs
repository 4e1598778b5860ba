using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Rendering;

namespace ActorLogArchive.Web.Components;

/// <summary>An <see cref="InputFile"/> that can be used only once it hears of a choice: a file chosen before the browser has been told to report it would be lost.</summary>
public sealed class FileChoice : InputFile
{
    private const string Attribute = "disabled";
    private bool _hears;

    /// <summary>Whether no file can be chosen.</summary>
    [Parameter]
    public bool Disabled { get; set; }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        if (firstRender)
        {
            _hears = true;
            StateHasChanged();
        }
    }

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        AdditionalAttributes = new Dictionary<string, object>(AdditionalAttributes ?? new Dictionary<string, object>()) { [Attribute] = Disabled || !_hears };
        base.BuildRenderTree(builder);
    }
}
