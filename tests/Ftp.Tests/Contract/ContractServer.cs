using ActorLogArchive.Ftp.Client;

namespace ActorLogArchive.Ftp.Tests.Contract;

/// <summary>A server that the contract runs against: started for a test class, with a folder and a port of its own.</summary>
public abstract class ContractServer : IAsyncLifetime
{
    /// <summary>Why it cannot run here; null when it does.</summary>
    public string? Missing { get; protected set; }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; protected set; }

    /// <summary>A folder on the server that may be written to.</summary>
    public virtual string Home => "/";

    /// <summary>An account that may do all.</summary>
    public virtual (string Name, string Password) Account => ("tester", "secret");

    /// <summary>Whether it now and then answers 226 to an upload of whose end it has nothing: the client can only find out.</summary>
    public virtual bool LosesEnds => false;

    /// <summary>Whether it offers HASH and the rest of our own extensions.</summary>
    public virtual bool IsOurs => false;

    /// <summary>The options for a client of it.</summary>
    public FtpClientOptions Options => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        UserName = Account.Name,
        Password = Account.Password,
        Tls = Tls,
        Compression = Compression,
    };

    /// <summary>Whether its clients compress.</summary>
    public virtual FtpCompression Compression => FtpCompression.Off;

    /// <summary>How its clients use TLS.</summary>
    public virtual FtpTlsOptions Tls => new();

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Skips the test where the server is missing; a build that must have everything fails instead.</summary>
    public void Require()
    {
        if (Missing is not null)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Missing);
            Assert.Skip(Missing);
        }
    }
}
