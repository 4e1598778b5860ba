namespace ActorLogArchive.Actors.Tests.Collection.Model;

/// <summary>What happens in one step.</summary>
internal enum StepKind
{
    Write,
    WriteWithSharedHeader,
    WriteEmpty,
    Append,
    Stretch,
    Rotate,
    RotateTwice,
    CopyTruncate,
    Compress,
    Truncate,
    TruncateToNothing,
    Rewrite,
    Delete,
    Replace,
    EditAnew,
    EditFurther,
    Touch,
    MakeFolder,
    Link,
    Rename,

    /// <summary>A walk; the uploads go on while the next steps happen.</summary>
    Scan,

    /// <summary>A run to its end, and the oracle.</summary>
    Settle,

    /// <summary>The connection is cut some operations later.</summary>
    CutBefore,
    CutDuring,
    CutAfter,

    /// <summary>The agent is killed some operations later, or at once when there are not so many.</summary>
    Kill,

    /// <summary>The agent, if it was killed, is started.</summary>
    Start,
}

/// <summary>A step. What the numbers choose is found out when it happens, so that steps can be left out of a sequence.</summary>
internal readonly record struct ModelStep(StepKind Kind, int Choice, int Amount)
{
    // How often each kind comes, relative to the others.
    private static readonly (StepKind Kind, int Weight)[] Weights =
    [
        (StepKind.Write, 12), (StepKind.WriteWithSharedHeader, 4), (StepKind.WriteEmpty, 2), (StepKind.Append, 14), (StepKind.Stretch, 1),
        (StepKind.Rotate, 8), (StepKind.RotateTwice, 2), (StepKind.CopyTruncate, 3), (StepKind.Compress, 3), (StepKind.Truncate, 2),
        (StepKind.TruncateToNothing, 2), (StepKind.Rewrite, 2), (StepKind.Delete, 4), (StepKind.Replace, 3), (StepKind.EditAnew, 2),
        (StepKind.EditFurther, 2), (StepKind.Touch, 2), (StepKind.MakeFolder, 1), (StepKind.Link, 1), (StepKind.Rename, 5),
        (StepKind.Scan, 16), (StepKind.Settle, 5), (StepKind.CutBefore, 3), (StepKind.CutDuring, 3), (StepKind.CutAfter, 4), (StepKind.Kill, 6), (StepKind.Start, 5),
    ];

    private static readonly int WeightOfAll = Weights.Sum(kind => kind.Weight);

    /// <summary>The sequence of a seed: always the same.</summary>
    public static IReadOnlyList<ModelStep> Sequence(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, random.Next(8, 30)).Select(_ => new ModelStep(AnyKind(random), random.Next(1000), random.Next(1000)))];
    }

    /// <summary>Whether bytes that are there are cut or written over in the same file.</summary>
    public bool Overwrites => Kind is StepKind.Truncate or StepKind.TruncateToNothing or StepKind.Rewrite or StepKind.CopyTruncate;

    public override string ToString() => $"{Kind} {Choice} {Amount}";

    private static StepKind AnyKind(Random random)
    {
        var left = random.Next(WeightOfAll);
        foreach (var (kind, weight) in Weights)
        {
            left -= weight;
            if (left < 0)
                return kind;
        }

        return StepKind.Settle;
    }
}
