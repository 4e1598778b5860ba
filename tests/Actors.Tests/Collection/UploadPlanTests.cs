using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Tests.Collection;

public sealed class UploadPlanTests
{
    [Theory]
    [InlineData(10, null, false, UploadStep.Store)]
    [InlineData(10, 4L, true, UploadStep.Append)]
    [InlineData(10, 10L, true, UploadStep.Keep)]
    [InlineData(10, 4L, false, UploadStep.Compare)]
    [InlineData(10, 10L, false, UploadStep.Compare)]
    [InlineData(10, 11L, true, UploadStep.StoreBesideOlder)]
    [InlineData(10, 0L, false, UploadStep.Append)]
    [InlineData(0, 0L, false, UploadStep.Keep)]
    internal void Sizes_decide_first(long local, long? remote, bool isContinuation, UploadStep expected) =>
        Assert.Equal(expected, UploadPlan.Choose(local, remote, isContinuation));

    [Theory]
    [InlineData(true, UploadStep.Append)]
    [InlineData(false, UploadStep.StoreBesideOlder)]
    [InlineData(null, UploadStep.StoreBesideOlder)]
    internal void Then_hashes_decide_and_doubt_makes_a_version(bool? isPrefix, UploadStep expected) =>
        Assert.Equal(expected, UploadPlan.Choose(10, 4, isPrefix));
}
