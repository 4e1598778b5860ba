using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorLogArchive.Bench.Server;

/// <summary>
/// TLS by OpenSSL straight on a blocking socket, as foreign clients written in C have it: SslStream on the generator's side
/// would cost more than the servers that are measured. Certificates are not looked at.
/// </summary>
public sealed partial class TlsChannel : IChannel
{
    private const string Library = "libssl.so.3";
    private const int SetReadAhead = 41;
    private const int ReadBuffer = 256 * 1024;
    private const int ZeroReturn = 6;

    private static readonly nint Context = MakeContext();

    private readonly Socket _socket;
    private nint _tls;

    /// <summary>Shakes hands.</summary>
    /// <param name="socket">A connected socket, owned from now on.</param>
    /// <param name="resume">A connection whose session is taken up again, or null.</param>
    public TlsChannel(Socket socket, TlsChannel? resume = null)
    {
        _socket = socket;
        _tls = NewTls(Context);
        if (resume is not null)
        {
            var session = GetSession(resume._tls);
            _ = SetSession(_tls, session);
            FreeSession(session);
        }

        _ = SetSocket(_tls, (int)socket.Handle);
        if (Connect(_tls) is var result and not 1)
        {
            throw new IOException($"TLS handshake failed: {GetError(_tls, result)}");
        }
    }

    /// <summary>What was agreed on, for example <c>TLSv1.3 TLS_AES_256_GCM_SHA384</c>.</summary>
    public string Cipher => $"{Marshal.PtrToStringAnsi(GetVersion(_tls))} {Marshal.PtrToStringAnsi(GetCipherName(GetCurrentCipher(_tls)))}";

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data)
    {
        // Without partial writes the call returns when all is sent.
        if (!data.IsEmpty && Write(_tls, in MemoryMarshal.GetReference(data), data.Length) is var result && result != data.Length)
        {
            throw new IOException($"TLS write failed: {GetError(_tls, result)}");
        }
    }

    /// <inheritdoc/>
    public int Receive(Span<byte> buffer)
    {
        var result = Read(_tls, ref MemoryMarshal.GetReference(buffer), buffer.Length);
        if (result > 0)
        {
            return result;
        }

        // The end is only what close_notify says it is: a cut would look the same otherwise.
        return GetError(_tls, result) is ZeroReturn ? 0 : throw new IOException("TLS connection cut without close_notify");
    }

    /// <inheritdoc/>
    public void CloseSending()
    {
        _ = Shutdown(_tls);
        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_tls != 0)
        {
            FreeTls(_tls);
            _tls = 0;
        }

        _socket.Dispose();
    }

    private static nint MakeContext()
    {
        var context = NewContext(ClientMethod());
        // Otherwise each record costs two reads: one for its header, one for the rest.
        _ = Control(context, SetReadAhead, 1, 0);
        SetReadBuffer(context, ReadBuffer);
        return context;
    }

    [LibraryImport(Library, EntryPoint = "TLS_client_method")]
    private static partial nint ClientMethod();

    [LibraryImport(Library, EntryPoint = "SSL_CTX_new")]
    private static partial nint NewContext(nint method);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_ctrl")]
    private static partial nint Control(nint context, int command, nint number, nint pointer);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_set_default_read_buffer_len")]
    private static partial void SetReadBuffer(nint context, nint length);

    [LibraryImport(Library, EntryPoint = "SSL_new")]
    private static partial nint NewTls(nint context);

    [LibraryImport(Library, EntryPoint = "SSL_free")]
    private static partial void FreeTls(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_set_fd")]
    private static partial int SetSocket(nint tls, int socket);

    [LibraryImport(Library, EntryPoint = "SSL_connect")]
    private static partial int Connect(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_write")]
    private static partial int Write(nint tls, in byte data, int length);

    [LibraryImport(Library, EntryPoint = "SSL_read")]
    private static partial int Read(nint tls, ref byte buffer, int length);

    [LibraryImport(Library, EntryPoint = "SSL_shutdown")]
    private static partial int Shutdown(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_get_error")]
    private static partial int GetError(nint tls, int result);

    [LibraryImport(Library, EntryPoint = "SSL_get1_session")]
    private static partial nint GetSession(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_set_session")]
    private static partial int SetSession(nint tls, nint session);

    [LibraryImport(Library, EntryPoint = "SSL_SESSION_free")]
    private static partial void FreeSession(nint session);

    [LibraryImport(Library, EntryPoint = "SSL_get_version")]
    private static partial nint GetVersion(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_get_current_cipher")]
    private static partial nint GetCurrentCipher(nint tls);

    [LibraryImport(Library, EntryPoint = "SSL_CIPHER_get_name")]
    private static partial nint GetCipherName(nint cipher);
}
