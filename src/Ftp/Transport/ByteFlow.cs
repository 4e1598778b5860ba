namespace ActorLogArchive.Ftp.Transport;

/// <summary>Where the bytes of an upload come from, as they are in the file: past encryption and compression.</summary>
internal interface IByteSource
{
    /// <summary>Receives what has come; 0 at the end.</summary>
    /// <exception cref="DataConnectionException">It broke.</exception>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);
}

/// <summary>Where the bytes of a download go.</summary>
internal interface IByteSink
{
    /// <summary>Sends all of <paramref name="data"/>.</summary>
    /// <exception cref="DataConnectionException">It broke.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> data);

    /// <summary>Ends the sending: the client sees the end once it has read it all.</summary>
    /// <exception cref="DataConnectionException">It broke.</exception>
    ValueTask FinishAsync();
}
