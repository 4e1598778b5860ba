using ActorLogArchive.Bench;
using ActorLogArchive.Bench.Fleet;
using ActorLogArchive.Bench.Server;
using ActorLogArchive.Bench.Soak;

return args switch
{
    ["agent", .. var rest] => await AgentBench.RunAsync(rest),
    ["known", .. var rest] => await KnownFilesBench.RunAsync(new BenchArguments(rest)),
    ["ftp-server", .. var rest] => await FtpServerBench.RunAsync(rest),
    ["soak", .. var rest] => await SoakBench.RunAsync(rest),
    ["fleet", .. var rest] => await FleetBench.RunAsync(new BenchArguments(rest)),
    ["fleet-worker", .. var rest] => await FleetWorker.RunAsync(new BenchArguments(rest)),
    ["serve", .. var rest] => await ServeCommand.RunAsync(new BenchArguments(rest)),
    ["ftp-client", .. var rest] => await FtpClientBench.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench -- COMMAND

          agent      [--rows small,big,unchanged,line,far] [--peers lftp,rclone,rsync] [--rounds 3] [--files N]
                     node's folder → agent → FTP → archive, hashed and flushed; beside lftp, rclone and rsync where installed
          known      [--files 1000000] [--folders 5000] [--idle 30]
                     an agent process that knows so many files already: from its start to its first upload, memory, idle CPU
          ftp-server [--rows store,retrieve,…] [--servers ours,vsftpd,…] [--rounds 5] [--megabytes 1000]
                     [--sign-in-connections 1] [--folder /dev/shm]
                     our FTP server beside those of tests/foreign-servers.sh, as a table
          soak       [--minutes 10] [--sessions 500] [--folder /dev/shm]
                     clients that upload, break off and come back; 1 when our server leaks or grows
          fleet      [--agents 500] [--processes 4] [--nodes 8] [--seconds 60] [--ramp 60] [--upload-every 10] [--upload-bytes 20000] [--no-browser] [--picture FILE]
                     simulated agents with cluster reports and uploads: the archive's CPU and memory, and the time from a fact to the page
          ftp-client the FTP client alone against a running server, see FtpClientBench.cs
        """);
    return 2;
}
