using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Grainflow.Blocks.Logic;

/// <summary>
/// Python's <c>random.Random</c>: the Mersenne Twister (Matsumoto and Nishimura, MT19937) with CPython's ways to seed it and to take numbers from it, so that a seed
/// gives the picks that it gives in the reference.
/// </summary>
internal sealed class PythonRandom
{
    private const int Size = 624;
    private const int Middle = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    private PythonRandom(uint[] key)
    {
        Initialize(19650218);
        var (i, j) = (1, 0);
        for (var k = Math.Max(Size, key.Length); k > 0; k--)
        {
            _state[i] = (_state[i] ^ (Previous(i) * 1664525)) + key[j] + (uint)j;
            if (++i == Size) (_state[0], i) = (_state[Size - 1], 1);
            if (++j == key.Length) j = 0;
        }

        for (var k = Size - 1; k > 0; k--)
        {
            _state[i] = (_state[i] ^ (Previous(i) * 1566083941)) - (uint)i;
            if (++i == Size) (_state[0], i) = (_state[Size - 1], 1);
        }

        _state[0] = 0x80000000;
    }

    /// <summary>A generator with the state of <c>random.seed(seed)</c>.</summary>
    public static PythonRandom Seeded(long seed)
    {
        var absolute = seed < 0 ? unchecked(0UL - (ulong)seed) : (ulong)seed;
        return new(absolute <= uint.MaxValue ? [(uint)absolute] : [(uint)absolute, (uint)(absolute >> 32)]);
    }

    /// <summary>A generator whose numbers follow from a text, so that a repeated attempt at a node picks the same.</summary>
    public static PythonRandom Of(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return new([.. Enumerable.Range(0, hash.Length / 4).Select(word => BitConverter.ToUInt32(hash, 4 * word))]);
    }

    /// <summary>A float from 0 up to but not including 1.</summary>
    public double Next() => (((NextWord() >> 5) * 67108864.0) + (NextWord() >> 6)) / 9007199254740992.0;

    /// <summary>A whole number from 0 up to but not including the limit, which is 1 or more.</summary>
    public int Below(int limit)
    {
        var bits = 32 - BitOperations.LeadingZeroCount((uint)limit);
        uint value;
        do value = NextWord() >> (32 - bits);
        while (value >= limit);
        return (int)value;
    }

    /// <summary>Different elements in random order.</summary>
    /// <param name="population">The elements to choose from.</param>
    /// <param name="count">How many to choose, 0 to the number of elements.</param>
    public List<int> Sample(IReadOnlyList<int> population, int count)
    {
        var chosen = new List<int>(count);
        // CPython copies the population where that takes less memory than a set of the chosen positions; the picks depend on it.
        var setSize = 21L + (count > 5 ? (long)Math.Pow(4, Math.Ceiling(Math.Log(count * 3.0) / Math.Log(4))) : 0);
        if (population.Count <= setSize)
        {
            var pool = population.ToArray();
            for (var i = 0; i < count; i++)
            {
                var at = Below(pool.Length - i);
                chosen.Add(pool[at]);
                pool[at] = pool[pool.Length - i - 1];
            }

            return chosen;
        }

        var positions = new HashSet<int>(count);
        while (chosen.Count < count)
        {
            var at = Below(population.Count);
            if (positions.Add(at)) chosen.Add(population[at]);
        }

        return chosen;
    }

    private uint Previous(int i) => _state[i - 1] ^ (_state[i - 1] >> 30);

    private void Initialize(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Size; i++) _state[i] = (1812433253 * Previous(i)) + (uint)i;
    }

    private uint NextWord()
    {
        if (_next == Size)
        {
            for (var i = 0; i < Size; i++)
            {
                var bits = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7FFFFFFF);
                _state[i] = _state[(i + Middle) % Size] ^ (bits >> 1) ^ ((bits & 1) == 0 ? 0 : 0x9908B0DF);
            }

            _next = 0;
        }

        var word = _state[_next++];
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C5680;
        word ^= (word << 15) & 0xEFC60000;
        return word ^ (word >> 18);
    }
}
