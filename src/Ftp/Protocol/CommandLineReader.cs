using System.Buffers;

namespace ActorLogArchive.Ftp.Protocol;

/// <summary>What <see cref="CommandLineReader.Read"/> found.</summary>
internal enum CommandLineStatus
{
    /// <summary>All input was taken, no line has ended yet.</summary>
    Incomplete,

    /// <summary>A line ended; it is in <see cref="CommandLineReader.Line"/>.</summary>
    Complete,

    /// <summary>A line ended that was longer than allowed; its bytes are gone.</summary>
    TooLong,
}

/// <summary>
/// Cuts the bytes of a control connection into command lines. Does no I/O, keeps its state between calls, so that a line
/// may arrive in any pieces; holds no more than the longest allowed line.
/// </summary>
/// <remarks>
/// A line ends in CRLF; a bare LF is part of it, as file names may hold one; CR NUL stands for a CR (RFC 2640, section
/// 3.1). Only a client whose very first line ends in a bare LF (a terminal, a script with netcat) is taken at its word:
/// all its lines end so. Telnet commands (RFC 854) are dropped, IAC IAC is a byte 255.
/// </remarks>
internal sealed class CommandLineReader(int maxLength)
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';
    private const byte Iac = 255;
    private const byte FirstNegotiation = 251; // WILL, WONT, DO, DONT carry one more byte

    private static readonly SearchValues<byte> Special = SearchValues.Create([Cr, Lf, Iac]);

    private byte[] _line = new byte[128];
    private int _length;
    private State _state;
    private bool _tooLong;
    private bool _ended;
    private bool? _lineFeedEnds;

    private enum State
    {
        Data,
        AfterCr,
        AfterIac,
        AfterNegotiation,
    }

    /// <summary>The line that ended, without its line end; valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Line => _line.AsSpan(0, _length);

    /// <summary>Takes bytes up to the end of one line, or all.</summary>
    public CommandLineStatus Read(ReadOnlySpan<byte> input, out int consumed)
    {
        if (_ended)
        {
            _length = 0;
            _tooLong = false;
            _ended = false;
        }

        consumed = 0;
        while (consumed < input.Length)
        {
            if (_state == State.Data)
            {
                var rest = input[consumed..];
                var plain = rest.IndexOfAny(Special);
                Append(plain < 0 ? rest : rest[..plain]);
                consumed += plain < 0 ? rest.Length : plain;
                if (plain < 0)
                    break;
            }

            if (Step(input[consumed++]))
            {
                _ended = true;
                return _tooLong ? CommandLineStatus.TooLong : CommandLineStatus.Complete;
            }
        }

        return CommandLineStatus.Incomplete;
    }

    /// <summary>Takes one byte that is special, or follows one. True when the line ended.</summary>
    private bool Step(byte value)
    {
        switch (_state)
        {
            case State.AfterNegotiation:
                _state = State.Data;
                return false;
            case State.AfterIac:
                _state = value is >= FirstNegotiation and < Iac ? State.AfterNegotiation : State.Data;
                if (value == Iac)
                    Append([Iac]);
                return false;
            case State.AfterCr:
                _state = State.Data;
                if (value == Lf)
                {
                    _lineFeedEnds ??= false;
                    return true;
                }

                Append([Cr]);
                return value != 0 && Step(value);
            default:
                return StepData(value);
        }
    }

    private bool StepData(byte value)
    {
        switch (value)
        {
            case Cr:
                _state = State.AfterCr;
                return false;
            case Iac:
                _state = State.AfterIac;
                return false;
            case Lf when _lineFeedEnds ??= true:
                return true;
            default:
                Append([value]);
                return false;
        }
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (_tooLong || _length + data.Length > maxLength)
        {
            _tooLong = true;
            _length = 0;
            return;
        }

        if (_length + data.Length > _line.Length)
            Array.Resize(ref _line, Math.Min(maxLength, Math.Max(_length + data.Length, 2 * _line.Length)));
        data.CopyTo(_line.AsSpan(_length));
        _length += data.Length;
    }
}
