/* The same training steps as anyone would write them in C: simple loops over rows, inputs and units; sizes at run time.
   The compiler does the rest. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int64_t in, out;
    double *w, *b, *gw, *gb, *a, *d;
} layer;

typedef struct {
    int64_t layers, batch, is_tanh, is_classes, is_adam, steps, next, updates, span;
    double rate, loss, *w, *g, *m, *v;
    const double *x, *y;
    const int64_t *rows;
    double *input, *target;
    layer *layer;
} net;

static void forward(const layer *l, const double *restrict x, int64_t rows) {
    const double *restrict w = l->w;
    for (int64_t r = 0; r < rows; r++) {
        double *restrict a = l->a + r * l->out;
        for (int64_t u = 0; u < l->out; u++) a[u] = l->b[u];
        for (int64_t i = 0; i < l->in; i++)
            for (int64_t u = 0; u < l->out; u++) a[u] += x[r * l->in + i] * w[i * l->out + u];
    }
}

static void backward(const layer *l, const double *restrict x, double *restrict dx, int64_t rows) {
    double *restrict gw = l->gw;
    memset(gw, 0, (size_t)(l->in * l->out) * sizeof(double));
    memset(l->gb, 0, (size_t)l->out * sizeof(double));
    for (int64_t r = 0; r < rows; r++) {
        const double *restrict d = l->d + r * l->out;
        for (int64_t u = 0; u < l->out; u++) l->gb[u] += d[u];
        for (int64_t i = 0; i < l->in; i++)
            for (int64_t u = 0; u < l->out; u++) gw[i * l->out + u] += x[r * l->in + i] * d[u];
        if (!dx) continue;
        for (int64_t i = 0; i < l->in; i++) {
            double sum = 0.0;
            for (int64_t u = 0; u < l->out; u++) sum += l->w[i * l->out + u] * d[u];
            dx[r * l->in + i] = sum;
        }
    }
}

static void activate(double *a, int64_t count, int64_t is_tanh) {
    if (is_tanh)
        for (int64_t j = 0; j < count; j++) a[j] = tanh(a[j]);
    else
        for (int64_t j = 0; j < count; j++) a[j] = a[j] > 0.0 ? a[j] : 0.0;
}

static void deactivate(double *restrict d, const double *restrict a, int64_t count, int64_t is_tanh) {
    if (is_tanh)
        for (int64_t j = 0; j < count; j++) d[j] *= 1.0 - a[j] * a[j];
    else
        for (int64_t j = 0; j < count; j++) d[j] = a[j] > 0.0 ? d[j] : 0.0;
}

static void squared_error(net *n, const layer *last) {
    const int64_t count = n->batch * last->out;
    double sum = 0.0;
    for (int64_t k = 0; k < count; k++) {
        double off = last->a[k] - n->target[k];
        sum += off * off;
        last->d[k] = 2.0 * off / (double)count;
    }
    n->loss = sum / (double)count;
}

static void cross_entropy(net *n, const layer *last) {
    double total = 0.0;
    for (int64_t r = 0; r < n->batch; r++) {
        const double *z = last->a + r * last->out, *y = n->target + r * last->out;
        double *d = last->d + r * last->out, most = z[0], sum = 0.0;
        for (int64_t u = 1; u < last->out; u++) most = z[u] > most ? z[u] : most;
        for (int64_t u = 0; u < last->out; u++) sum += d[u] = exp(z[u] - most);
        for (int64_t u = 0; u < last->out; u++) {
            total += y[u] * (most - z[u]);
            d[u] = (d[u] / sum - y[u]) / (double)n->batch;
        }
        total += log(sum);
    }
    n->loss = total / (double)n->batch;
}

static void step(net *n) {
    const int64_t *rows = n->rows + n->next * n->batch, ends = n->layers - 1;
    const int64_t in = n->layer[0].in, out = n->layer[ends].out;
    n->next = (n->next + 1) % n->steps;
    for (int64_t r = 0; r < n->batch; r++) {
        memcpy(n->input + r * in, n->x + rows[r] * in, (size_t)in * sizeof(double));
        memcpy(n->target + r * out, n->y + rows[r] * out, (size_t)out * sizeof(double));
    }
    for (int64_t k = 0; k < n->layers; k++) {
        layer *l = &n->layer[k];
        forward(l, k ? l[-1].a : n->input, n->batch);
        if (k < ends) activate(l->a, n->batch * l->out, n->is_tanh);
    }
    (n->is_classes ? cross_entropy : squared_error)(n, &n->layer[ends]);
    for (int64_t k = ends; k >= 0; k--) {
        layer *l = &n->layer[k];
        backward(l, k ? l[-1].a : n->input, k ? l[-1].d : NULL, n->batch);
        if (k) deactivate(l[-1].d, l[-1].a, n->batch * l->in, n->is_tanh);
    }
    if (!n->is_adam) {
        for (int64_t k = 0; k < n->span; k++) n->w[k] -= n->rate * n->g[k];
        return;
    }
    const double t = (double)++n->updates, first = 1.0 - pow(0.9, t), second = sqrt(1.0 - pow(0.999, t));
    for (int64_t k = 0; k < n->span; k++) {
        n->m[k] = 0.9 * n->m[k] + 0.1 * n->g[k];
        n->v[k] = 0.999 * n->v[k] + 0.001 * n->g[k] * n->g[k];
        n->w[k] -= n->rate * (n->m[k] / first) / (sqrt(n->v[k]) / second + 1e-8);
    }
}

static double *numbers(int64_t count) { return calloc((size_t)count, sizeof(double)); }

void *bench_new(int64_t layers, const int64_t *sizes, int64_t is_tanh, int64_t is_classes, int64_t is_adam, double rate,
                double *weights, const double *x, const double *y, const int64_t *rows, int64_t steps) {
    net *n = calloc(1, sizeof(net));
    *n = (net){.layers = layers, .batch = BATCH, .is_tanh = is_tanh, .is_classes = is_classes, .is_adam = is_adam,
               .steps = steps, .rate = rate, .x = x, .y = y, .rows = rows};
    for (int64_t k = 0; k < layers; k++) n->span += (sizes[k] + 1) * sizes[k + 1];
    n->w = numbers(n->span), n->g = numbers(n->span), n->m = numbers(n->span), n->v = numbers(n->span);
    n->input = numbers(BATCH * sizes[0]), n->target = numbers(BATCH * sizes[layers]);
    n->layer = calloc((size_t)layers, sizeof(layer));
    int64_t place = 0;
    for (int64_t k = 0; k < layers; k++) {
        const int64_t in = sizes[k], out = sizes[k + 1], bias = place + in * out;
        n->layer[k] = (layer){in, out, n->w + place, n->w + bias, n->g + place, n->g + bias,
                              numbers(BATCH * out), numbers(BATCH * out)};
        place = bias + out;
    }
    memcpy(n->w, weights, (size_t)n->span * sizeof(double));
    return n;
}

double bench_run(net *n, int64_t steps) {
    for (int64_t k = 0; k < steps; k++) step(n);
    return n->loss;
}

void bench_weights(net *n, double *out) { memcpy(out, n->w, (size_t)n->span * sizeof(double)); }
