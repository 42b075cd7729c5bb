/* The yardstick of the benchmark: training steps of one dense network as fast as we can write them in C, on one core.

   Rows lie side by side in vectors (feature-major), products are computed in tiles that stay in registers, tanh and exp
   are our own. Batch and layers are known when this is compiled: -DBATCH=32 -DSHAPES="SHAPE(2,8) SHAPE(8,1)".
   Weights lie in tiles of LANES units, [tile][input][unit], so that both directions read them in order. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define LANES 8
#define MOST_VECS 4
#else
#define LANES 4
#define MOST_VECS 2
#endif
typedef double vec __attribute__((vector_size(8 * LANES)));
typedef int64_t ivec __attribute__((vector_size(8 * LANES)));
typedef int32_t half __attribute__((vector_size(4 * LANES)));

#define FULL ((BATCH + LANES - 1) / LANES)
/* How many vectors hold a batch, and how many of them a tile takes at once. */
#define VECS (FULL <= 3 ? FULL : (FULL + MOST_VECS - 1) / MOST_VECS * MOST_VECS)
#define TILE (VECS <= 3 ? VECS : MOST_VECS)
/* Values lie as [unit][row], in a large batch in blocks of rows so that a tile reads memory in order: where the v-th
   vector of a unit lies. */
#define BLOCK (VECS <= 8 ? VECS : TILE)
#define AT(units, u, v) ((v) / BLOCK * BLOCK * (units) + (u) * BLOCK + (v) % BLOCK)
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")
#define PADDED(n) (((n) + LANES - 1) / LANES * LANES)

typedef struct layer {
    int64_t in, out;
    double *w, *b, *gw, *gb;
    vec *a, *d; /* what the layer gives, and the adjoint of it */
    void (*forward)(const struct layer *, const vec *);
    void (*backward)(const struct layer *, const vec *, vec *);
} layer;

typedef struct {
    int64_t layers, is_tanh, is_classes, is_adam, steps, next, span;
    double rate, loss, power1, power2; /* β₁ and β₂ to the power of the updates so far */
    double *w, *g, *m, *v;
    const double *x, *y;
    const int64_t *rows;
    vec *input, *target;
    layer layer[64];
} net;

static vec transposed[PADDED(4096) / LANES * VECS * LANES];

/* ---- functions --------------------------------------------------------------------------------------------------- */

INLINE vec splat(double x) { return x - (vec){0}; }

/* x where y is positive, 0 elsewhere. */
INLINE vec where_positive(vec y, vec x) { return (vec)((ivec)(y > 0.0) & (ivec)x); }

INLINE vec max_of(vec x, vec y) {
#if defined(__AVX512F__)
    return (vec)_mm512_max_pd((__m512d)x, (__m512d)y);
#elif defined(__AVX__)
    return (vec)_mm256_max_pd((__m256d)x, (__m256d)y);
#else
    return x + where_positive(y - x, y - x);
#endif
}

INLINE vec clamp(vec x, double low, double high) { return -max_of(-max_of(x, splat(low)), splat(-high)); }

/* e^x = above/below by the Padé approximant of order 6 around 0, after x = r + k ln 2; |x| is below 700. */
INLINE void exp_parts(vec x, vec *above, vec *below) {
    half k = __builtin_convertvector(x * 1.4426950408889634 + 1024.5, half) - 1024;
    vec kd = __builtin_convertvector(k, vec);
    vec r = (x - kd * 0x1.62e42fee00000p-1) - kd * 0x1.a39ef35793c76p-33;
    vec s = r * r;
    vec even = 665280.0 + s * (75600.0 + s * (840.0 + s));
    vec odd = r * (332640.0 + s * (10080.0 + s * 42.0));
    ivec scale = (__builtin_convertvector(k, ivec) + 1023) << 52;
    *above = (even + odd) * (vec)scale;
    *below = even - odd;
}

INLINE vec exp_of(vec x) {
    vec above, below;
    exp_parts(clamp(x, -700.0, 700.0), &above, &below);
    return above / below;
}

INLINE vec tanh_of(vec x) {
    vec above, below;
    exp_parts(clamp(x, -20.0, 20.0) * 2.0, &above, &below);
    return (above - below) / (above + below);
}

INLINE double sum_of(vec x) {
    double sum = 0.0;
    UNROLL
    for (int k = 0; k < LANES; k++) sum += x[k];
    return sum;
}

/* ---- a layer, for constant sizes --------------------------------------------------------------------------------- */

/* A layer of one unit has its weights side by side. */
#define STEP(out) ((out) == 1 ? 1 : LANES)

INLINE void forward_tile(const int units, const int in, const int out, const double *w, const double *b, const vec *x,
                         vec *a) {
    for (int v = 0; v < VECS; v += TILE) {
        const vec *from = x + AT(in, 0, v);
        vec *to = a + AT(out, 0, v);
        vec sum[LANES][TILE];
        UNROLL
        for (int u = 0; u < units; u++)
            UNROLL
            for (int t = 0; t < TILE; t++) sum[u][t] = splat(b[u]);
        for (int i = 0; i < in; i++)
            UNROLL
            for (int u = 0; u < units; u++)
                UNROLL
                for (int t = 0; t < TILE; t++) sum[u][t] += w[i * STEP(out) + u] * from[i * BLOCK + t];
        UNROLL
        for (int u = 0; u < units; u++)
            UNROLL
            for (int t = 0; t < TILE; t++) to[u * BLOCK + t] = sum[u][t];
    }
}

INLINE void forward(const int in, const int out, const layer *l, const vec *x) {
    int u = 0;
    for (; u + LANES <= out; u += LANES)
        forward_tile(LANES, in, out, l->w + u * in, l->b + u, x, l->a + u * BLOCK);
    if (out % LANES) forward_tile(out % LANES, in, out, l->w + u * in, l->b + u, x, l->a + u * BLOCK);
}

#if LANES == 4
/* Turn four vectors by 90 degrees, into every step-th place. */
INLINE void turn(vec a, vec b, vec c, vec d, vec *to, const int step) {
    vec ab = __builtin_shufflevector(a, b, 0, 4, 2, 6), ba = __builtin_shufflevector(a, b, 1, 5, 3, 7);
    vec cd = __builtin_shufflevector(c, d, 0, 4, 2, 6), dc = __builtin_shufflevector(c, d, 1, 5, 3, 7);
    to[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    to[step] = __builtin_shufflevector(ba, dc, 0, 1, 4, 5);
    to[2 * step] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    to[3 * step] = __builtin_shufflevector(ba, dc, 2, 3, 6, 7);
}
#endif

/* Turn the adjoints of some units: one vector of them for each row. */
INLINE void transpose(const int units, const int out, const vec *d, vec *t) {
    for (int v = 0; v < FULL; v++) {
        const vec *at = d + AT(out, 0, v);
#if LANES == 4
        const vec zero = {0};
        turn(at[0], units > 1 ? at[BLOCK] : zero, units > 2 ? at[2 * BLOCK] : zero, units > 3 ? at[3 * BLOCK] : zero,
             t + 4 * v, 1);
#else
        for (int k = 0; k < LANES; k++)
            for (int u = 0; u < LANES; u++) t[v * LANES + k][u] = u < units ? at[u * BLOCK][k] : 0.0;
#endif
    }
}

/* xᵀδ for some inputs and one or two tiles of units. */
INLINE void gradient_tile(const int inputs, const int tiles, const int in, const vec *x, const vec *t, double *gw) {
    vec sum[6][2] = {{{0}}};
    for (int v = 0; v < VECS; v += BLOCK, x += in * BLOCK) {
        const double *rows = (const double *)x;
        const int ends = BATCH - v * LANES < BLOCK * LANES ? BATCH - v * LANES : BLOCK * LANES;
        for (int r = 0; r < ends; r++)
            UNROLL
            for (int i = 0; i < inputs; i++)
                UNROLL
                for (int k = 0; k < tiles; k++)
                    sum[i][k] += rows[i * BLOCK * LANES + r] * t[(k * VECS + v) * LANES + r];
    }
    UNROLL
    for (int i = 0; i < inputs; i++)
        UNROLL
        for (int k = 0; k < tiles; k++) *(vec *)(gw + (k * in + i) * LANES) = sum[i][k];
}

INLINE void gradient_tiles(const int tiles, const int in, const vec *x, const vec *t, double *gw) {
    const int most = in <= 8 ? 4 : 6;
    int i = 0;
    for (; i + most <= in; i += most) gradient_tile(most, tiles, in, x + i * BLOCK, t, gw + i * LANES);
    if (in % most) gradient_tile(in % most, tiles, in, x + i * BLOCK, t, gw + i * LANES);
}

INLINE void input_tile(const int inputs, const int out, const int in, const double *w, const vec *d, vec *dx) {
    for (int v = 0; v < VECS; v += TILE) {
        const vec *from = d + AT(out, 0, v);
        vec *to = dx + AT(in, 0, v);
        vec sum[4][TILE] = {{{0}}};
        for (int u = 0; u < out; u++)
            UNROLL
            for (int i = 0; i < inputs; i++)
                UNROLL
                for (int t = 0; t < TILE; t++)
                    sum[i][t] += w[(u / LANES * in + i) * STEP(out) + u % LANES] * from[u * BLOCK + t];
        UNROLL
        for (int i = 0; i < inputs; i++)
            UNROLL
            for (int t = 0; t < TILE; t++) to[i * BLOCK + t] = sum[i][t];
    }
}

INLINE void backward(const int in, const int out, const layer *l, const vec *x, vec *dx) {
    const vec *d = l->d;
    for (int u = 0; u < out; u++) {
        vec sum = {0};
        UNROLL
        for (int v = 0; v < VECS; v++) sum += d[AT(out, u, v)];
        l->gb[u] = sum_of(sum);
    }
    if (out == 1) {
        for (int i = 0; i < in; i++) {
            vec sum = {0};
            UNROLL
            for (int v = 0; v < VECS; v++) sum += x[AT(in, i, v)] * d[v];
            l->gw[i] = sum_of(sum);
        }
    } else {
        const int tiles = (out + LANES - 1) / LANES, block = VECS * LANES;
        int k = 0;
        for (; k < out / LANES; k++) transpose(LANES, out, d + k * LANES * BLOCK, transposed + k * block);
        if (out % LANES) transpose(out % LANES, out, d + k * LANES * BLOCK, transposed + k * block);
        for (k = 0; k + 2 <= tiles; k += 2)
            gradient_tiles(2, in, x, transposed + k * block, l->gw + k * in * LANES);
        if (tiles % 2) gradient_tiles(1, in, x, transposed + k * block, l->gw + k * in * LANES);
    }
    if (!dx) return;
    int i = 0;
    for (; i + 4 <= in; i += 4) input_tile(4, out, in, l->w + i * STEP(out), d, dx + i * BLOCK);
    if (in % 4) input_tile(in % 4, out, in, l->w + i * STEP(out), d, dx + i * BLOCK);
}

#define SHAPE(I, O)                                                                                   \
    static void forward_##I##_##O(const layer *l, const vec *x) { forward(I, O, l, x); }              \
    static void backward_##I##_##O(const layer *l, const vec *x, vec *dx) { backward(I, O, l, x, dx); }
SHAPES
#undef SHAPE
#define SHAPE(I, O) {.in = I, .out = O, .forward = forward_##I##_##O, .backward = backward_##I##_##O},
static const layer KERNELS[] = {SHAPES};

/* 1 in the lanes that hold a row, 0 in spare ones. */
INLINE vec is_row(int64_t v) {
    vec lane;
    UNROLL
    for (int k = 0; k < LANES; k++) lane[k] = k;
    return where_positive((double)(BATCH - v * LANES) - lane, splat(1.0));
}

/* ---- a step ------------------------------------------------------------------------------------------------------ */

INLINE void load_row(int r, int64_t first, int64_t columns, const double *from, vec *into) {
    double *to = (double *)(into + AT(columns, 0, r / LANES)) + r % LANES;
    for (int64_t c = first; c < columns; c++) to[c * BLOCK * LANES] = from[c];
}

INLINE void load(const int64_t *rows, const double *from, int64_t columns, vec *into) {
    int r = 0;
#if LANES == 4
    typedef double anywhere __attribute__((vector_size(32), aligned(8)));
    for (; columns >= 4 && r + 4 <= BATCH; r += 4) {
        const double *row[4];
        int64_t c = 0;
        for (int k = 0; k < 4; k++) row[k] = from + rows[r + k] * columns;
        for (; c + 4 <= columns; c += 4)
            turn(*(const anywhere *)(row[0] + c), *(const anywhere *)(row[1] + c), *(const anywhere *)(row[2] + c),
                 *(const anywhere *)(row[3] + c), into + AT(columns, c, r / LANES), BLOCK);
        for (int k = 0; k < 4; k++) load_row(r + k, c, columns, row[k], into);
    }
#endif
    for (; r < BATCH; r++) load_row(r, 0, columns, from + rows[r] * columns, into);
}

INLINE void squared_error(net *n, const layer *last) {
    const double share = 2.0 / (BATCH * last->out);
    vec sum = {0};
    for (int v = 0; v < VECS; v++)
        for (int64_t u = 0; u < last->out; u++) {
            const int64_t at = AT(last->out, u, v);
            vec off = last->a[at] - n->target[at];
            if (BATCH % LANES || FULL < VECS) off *= is_row(v);
            sum += off * off;
            last->d[at] = share * off;
        }
    n->loss = sum_of(sum) / (BATCH * last->out);
}

INLINE void cross_entropy(net *n, const layer *last) {
    vec picked = {0}, product = splat(1.0);
    for (int v = 0; v < VECS; v++) {
        const vec *a = last->a + AT(last->out, 0, v), *y = n->target + AT(last->out, 0, v);
        vec *d = last->d + AT(last->out, 0, v), most = *a, sum = {0};
        for (int64_t u = 1; u < last->out; u++) most = max_of(most, a[u * BLOCK]);
        for (int64_t u = 0; u < last->out; u++) {
            vec e = exp_of(a[u * BLOCK] - most);
            picked += (most - a[u * BLOCK]) * y[u * BLOCK];
            d[u * BLOCK] = e;
            sum += e;
        }
        const vec is = is_row(v), share = is * (1.0 / BATCH) / sum;
        for (int64_t u = 0; u < last->out; u++)
            d[u * BLOCK] = d[u * BLOCK] * share - y[u * BLOCK] * (1.0 / BATCH);
        /* One logarithm at the end for many rows: a sum is at most the number of classes. */
        product *= is * sum + (1.0 - is);
    }
    double logs = 0.0;
    for (int k = 0; k < LANES; k++) logs += log(product[k]);
    n->loss = (sum_of(picked) + logs) / BATCH;
}

INLINE void adam(net *n) {
    n->power1 *= 0.9, n->power2 *= 0.999;
    const double rate = n->rate / (1.0 - n->power1), root = 1.0 / sqrt(1.0 - n->power2);
    double *restrict w = n->w, *restrict g = n->g, *restrict m = n->m, *restrict v = n->v;
    for (int64_t k = 0; k < n->span; k++) {
        m[k] = 0.9 * m[k] + 0.1 * g[k];
        v[k] = 0.999 * v[k] + 0.001 * (g[k] * g[k]);
        w[k] -= rate * m[k] / (sqrt(v[k]) * root + 1e-8);
    }
}

static void step(net *n) {
    const int64_t *rows = n->rows + n->next * BATCH, ends = n->layers - 1;
    layer *last = &n->layer[ends];
    n->next = n->next + 1 == n->steps ? 0 : n->next + 1;
    load(rows, n->x, n->layer[0].in, n->input);
    load(rows, n->y, last->out, n->target);
    for (int64_t k = 0; k < n->layers; k++) {
        layer *l = &n->layer[k];
        l->forward(l, k ? l[-1].a : n->input);
        if (k == ends) break;
        if (n->is_tanh)
            for (int64_t j = 0; j < l->out * VECS; j++) l->a[j] = tanh_of(l->a[j]);
        else
            for (int64_t j = 0; j < l->out * VECS; j++) l->a[j] = max_of(l->a[j], splat(0.0));
    }
    if (n->is_classes) {
        cross_entropy(n, last);
    } else {
        squared_error(n, last);
    }
    for (int64_t k = ends; k >= 0; k--) {
        layer *l = &n->layer[k], *before = l - 1;
        l->backward(l, k ? before->a : n->input, k ? before->d : NULL);
        if (k == 0) break;
        if (n->is_tanh)
            for (int64_t j = 0; j < before->out * VECS; j++) before->d[j] *= 1.0 - before->a[j] * before->a[j];
        else
            for (int64_t j = 0; j < before->out * VECS; j++)
                before->d[j] = where_positive(before->a[j], before->d[j]);
    }
    if (n->is_adam)
        adam(n);
    else
        for (int64_t k = 0; k < n->span; k++) n->w[k] -= n->rate * n->g[k];
}

/* ---- what Python calls ------------------------------------------------------------------------------------------- */

static void *numbers(int64_t count) {
    void *all = aligned_alloc(64, (size_t)(count * 8 + 63) / 64 * 64);
    if (all) memset(all, 0, (size_t)(count * 8 + 63) / 64 * 64);
    return all;
}

/* Weights come and go as [in, out] and bias, layer after layer. */
static void exchange(net *n, double *all, int reads) {
    for (int64_t k = 0; k < n->layers; k++) {
        layer *l = &n->layer[k];
        for (int64_t i = 0; i <= l->in; i++)
            for (int64_t u = 0; u < l->out; u++, all++) {
                double *own = i == l->in ? l->b + u : l->w + (u / LANES * l->in + i) * STEP(l->out) + u % LANES;
                *(reads ? own : all) = *(reads ? all : own);
            }
    }
}

void *bench_new(int64_t layers, const int64_t *sizes, int64_t is_tanh, int64_t is_classes, int64_t is_adam, double rate,
                double *weights, const double *x, const double *y, const int64_t *rows, int64_t steps) {
    net *n = calloc(1, sizeof(net));
    if (!n || layers > 64) return NULL;
    *n = (net){.layers = layers, .is_tanh = is_tanh, .is_classes = is_classes, .is_adam = is_adam, .steps = steps,
               .rate = rate, .power1 = 1.0, .power2 = 1.0, .x = x, .y = y, .rows = rows};
    for (int64_t k = 0; k < layers; k++)
        n->span += (sizes[k + 1] == 1 ? PADDED(sizes[k]) : sizes[k] * PADDED(sizes[k + 1])) + PADDED(sizes[k + 1]);
    n->w = numbers(n->span), n->g = numbers(n->span), n->m = numbers(n->span), n->v = numbers(n->span);
    n->input = numbers(sizes[0] * VECS * LANES), n->target = numbers(sizes[layers] * VECS * LANES);
    int64_t place = 0;
    for (int64_t k = 0; k < layers; k++) {
        layer *l = &n->layer[k];
        for (size_t j = 0; j < sizeof KERNELS / sizeof *KERNELS; j++)
            if (KERNELS[j].in == sizes[k] && KERNELS[j].out == sizes[k + 1]) *l = KERNELS[j];
        if (!l->forward || l->out > 4096) return NULL;
        l->w = n->w + place, l->gw = n->g + place;
        place += l->out == 1 ? PADDED(l->in) : l->in * PADDED(l->out);
        l->b = n->w + place, l->gb = n->g + place;
        place += PADDED(l->out);
        l->a = numbers(l->out * VECS * LANES), l->d = numbers(l->out * VECS * LANES);
    }
    exchange(n, weights, 1);
    return n;
}

double bench_run(net *n, int64_t steps) {
    for (int64_t k = 0; k < steps; k++) step(n);
    return n->loss;
}

void bench_weights(net *n, double *out) { exchange(n, out, 0); }
