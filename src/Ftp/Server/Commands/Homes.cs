using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Server.Commands;

/// <summary>Home folders.</summary>
internal static class Homes
{
    /// <summary>Makes the home at the first sign-in, when the account may make folders or files.</summary>
    public static async ValueTask<bool> IsThereAsync(CommandContext context, FtpAccount account)
    {
        try
        {
            if (await context.Storage.GetEntryAsync(account.Home, context.Lifetime).ConfigureAwait(false) is { } entry)
                return entry.IsDirectory;
            if ((account.Permissions & (FtpPermissions.MakeDirectory | FtpPermissions.Write)) == 0)
                return false;
            await MakeWithParentsAsync(context, account.Home).ConfigureAwait(false);
            return true;
        }
        catch (FtpStorageException)
        {
            return false; // a link in its place, no space: told to the observer by the caller
        }
    }

    private static async ValueTask MakeWithParentsAsync(CommandContext context, FtpPath folder)
    {
        if (!folder.IsRoot && await context.Storage.GetEntryAsync(folder.Parent, context.Lifetime).ConfigureAwait(false) is null)
            await MakeWithParentsAsync(context, folder.Parent).ConfigureAwait(false);
        try
        {
            await context.Storage.CreateDirectoryAsync(folder, context.Lifetime).ConfigureAwait(false);
        }
        catch (FtpStorageException exists) when (exists.Error == FtpStorageError.AlreadyExists)
        {
            // Another session of the same account signed in at the same moment.
        }

        context.Unflushed.Add(folder);
    }
}
