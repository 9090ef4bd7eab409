namespace Determinism.Tests.Ownership;

/// <summary>How running holders answer when they are asked.</summary>
public enum Answer
{
    /// <summary>Before anybody else is asked.</summary>
    AtOnce,

    /// <summary>After everybody has been asked, the last one first.</summary>
    Later,

    /// <summary>They go to sleep instead.</summary>
    ByParking,
}
