namespace SettlementGrid.Regions.Folding;

/// <summary>How many settlements of a person stand in one book; a link of the person's chain.</summary>
struct StandingCase
{
    /// <summary>The book's index + 1; 0: none, and no link after it.</summary>
    public int Book;

    public int Count;

    /// <summary>Number of the next link; 0: none.</summary>
    public int Next;
}

/// <summary>
/// Counts persons: exactly, each once at every level, also who had settlements in two counties of a city. A person's
/// chain holds a link for each book with a settlement, a handful at most.
/// </summary>
sealed class StandingCases(Persons persons, Books books)
{
    readonly Chunks<StandingCase> _links = new();

    /// <summary>
    /// A settlement of the person stands in the book (+1) or no longer does (−1); or several at once.
    /// </summary>
    public void Add(int person, Book book, int change)
    {
        ref var link = ref Link(person, book.Index + 1);
        var before = link.Count;
        link.Count += change;
        if (before > 0 == link.Count > 0)
            return;
        var one = Math.Sign(change);
        Count(person, book, book, one);
        if (book.City is { } city)
            Count(person, book, city, one);
        if (book.Province is { } province)
            Count(person, book, province, one);
    }

    public StandingCase this[int number] => _links[number - 1];

    /// <summary>A link as it was written away; also one whose settlements no longer stand.</summary>
    public void Restore(int person, Book book, int count)
    {
        Link(person, book.Index + 1);
        if (count > 0)
            Add(person, book, count);
    }

    void Count(int person, Book book, Book counting, int one)
    {
        if (!StandsIn(person, book, counting))
            counting.Persons += one;
    }

    /// <summary>Whether another settlement of the person stands within the upper book.</summary>
    bool StandsIn(int person, Book apart, Book upper)
    {
        for (ref var link = ref persons[person].First; ; link = ref _links[link.Next - 1])
        {
            if (link.Count > 0 && link.Book != apart.Index + 1 && books[link.Book - 1] is var other
                && (other == upper || other.City == upper || other.Province == upper))
                return true;
            if (link.Next == 0)
                return false;
        }
    }

    ref StandingCase Link(int person, int book)
    {
        ref var link = ref persons[person].First;
        if (link.Book == 0)
            link.Book = book;
        while (link.Book != book)
        {
            if (link.Next == 0)
                link.Next = _links.Add(new StandingCase { Book = book }) + 1;
            link = ref _links[link.Next - 1];
        }
        return ref link;
    }
}
