using ActorLogArchive.Bench;

return args switch
{
    ["pipeline", .. var rest] => await PipelineBench.RunAsync(new BenchArguments(rest)),
    ["walk", .. var rest] => await WalkBench.RunAsync(new BenchArguments(rest)),
    ["ftp-client", .. var rest] => await FtpClientBench.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench -- COMMAND

          pipeline   [--files 2000] [--size 20480] [--connections 4] [--rounds 5]
                     node's folder → agent → FTP → archive, hashed and flushed; beside lftp into vsftpd where installed
          walk       [--files 100000] [--folders 5000] [--rounds 5]
                     walks that find nothing new
          ftp-client the FTP client alone against a running server, see FtpClientBench.cs
        """);
    return 2;
}
